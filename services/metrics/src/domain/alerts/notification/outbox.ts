import type { AlertPublisher, Log } from '../../../ports.js';
import type { AlertDocuments, StoredDocument } from '../document.js';
import { LeaseLost, type Lease } from '../leader-election.js';

/** Publishes the events in the outboxes of documents; throws `LeaseLost`. */
export interface OutboxPublisher {
  /**
   * Publishes the events of one document in their order, then removes them from it. Killed in between,
   * the next evaluation publishes them again under the same ids.
   */
  publish(key: string, lease: Lease, signal: AbortSignal): Promise<void>;
  /** Publishes what earlier evaluations have left, perhaps of a replica that died; reads what there is then. */
  publishPending(
    stored: ReadonlyMap<string, StoredDocument>,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, StoredDocument>>;
}

/** A publisher for one pass: after a failure of the broker it leaves the rest for the next. */
export function createOutboxPublisher(options: {
  alertDocuments: AlertDocuments;
  publisher: AlertPublisher;
  log: Log;
  /** Called for each event that the broker has taken. */
  onPublished: () => void;
}): OutboxPublisher {
  const { alertDocuments, publisher, log, onPublished } = options;
  let isBrokerDown = false;

  async function publish(key: string, lease: Lease, signal: AbortSignal): Promise<void> {
    if (isBrokerDown) return;
    const stored = await alertDocuments.read(key, signal);
    if (stored === null) return;
    const { document, expected } = stored;
    let published = 0;
    for (const event of document.outbox) {
      await lease.renew(signal);
      try {
        await publisher.publish(event, signal);
      } catch (error) {
        signal.throwIfAborted();
        log.warn('alerts could not be published and are kept for later', { error });
        isBrokerDown = true;
        break;
      }
      onPublished();
      published += 1;
    }
    if (published === 0) return;
    const rest = { ...document, outbox: document.outbox.slice(published) };
    if (!(await alertDocuments.save(key, rest, expected, signal))) throw new LeaseLost();
  }

  return {
    publish,
    async publishPending(stored, lease, signal) {
      const pending = [...stored].filter(([, { document }]) => document.outbox.length > 0);
      if (pending.length === 0) return stored;
      for (const [key] of pending) await publish(key, lease, signal);
      return alertDocuments.readMany([...stored.keys()], signal);
    },
  };
}
