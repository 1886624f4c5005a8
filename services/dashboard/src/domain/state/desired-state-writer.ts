import { outrankedBy, type ClusterEvent, type Outranking } from '@bud-monitoring/cluster-events';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock } from '../../ports.js';
import type { ClusterIndex } from './cluster-index.js';
import type { ClusterRecord } from './record.js';
import { UnreadableRecord, type Records } from './record-store.js';
import { applyEvent, applyRequest, resetRecord, type DesiredStateRequest } from './transitions.js';

/** Writes the desired state of clusters. When a call has resolved, it survives a crash. */
export interface DesiredStateWriter {
  /**
   * Applies an event; one that changes nothing writes nothing. Resolves to what outranks it, if anything
   * does. Throws `StoreDown` and, for the cluster that it concerns alone, `UnreadableRecord`.
   */
  handleEvent(event: ClusterEvent): Promise<Outranking | null>;
  /**
   * Applies a request to a living cluster; null where there is none. A record that cannot be read gives
   * way to a new one where the request provisions or removes. Throws `StoreDown`, `UnreadableRecord`.
   */
  handleRequest(id: ClusterId, request: DesiredStateRequest): Promise<ClusterRecord | null>;
}

/** A writer over the records and the index. */
export function createDesiredStateWriter(options: {
  records: Records;
  index: ClusterIndex;
  clock: Clock;
  /** Queues a reconcile; called after something was written. */
  enqueue: (id: ClusterId) => void;
}): DesiredStateWriter {
  const { records, index, clock, enqueue } = options;

  async function applyOrReset(
    id: ClusterId,
    request: DesiredStateRequest,
  ): Promise<ClusterRecord | null> {
    try {
      const { record, changed } = await records.update(id, (before) =>
        before?.desired.life.state === 'living' ? applyRequest(before, request, clock.now()) : null,
      );
      return changed ? record : null;
    } catch (error) {
      const resets = request.kind === 'provision' || request.kind === 'remove';
      if (!(error instanceof UnreadableRecord) || !resets) throw error;
      const record = resetRecord(id, request, clock.now());
      // Somebody else was faster: their record counts.
      return (await records.save(record, error)) ? record : applyOrReset(id, request);
    }
  }

  return {
    async handleEvent(event) {
      const { clusterId } = event;
      const stored = await records.get(clusterId);
      // A new cluster is listed before it is written, so that no record is ever unlisted.
      if (stored === null) await index.markPending(clusterId);
      let outranking: Outranking | null = null;
      const { changed, created } = await records.update(
        clusterId,
        (record) => {
          outranking = outrankedBy(record?.desired ?? null, event);
          return applyEvent(record, event, clock.now());
        },
        stored,
      );
      // No cluster is listed as settled before there is a record of it. An existing one may be, also
      // when nothing changed: an earlier delivery may have been cut off between the two writes.
      if (!created) await index.markPending(clusterId);
      if (changed) enqueue(clusterId);
      return outranking;
    },
    async handleRequest(id, request) {
      const record = await applyOrReset(id, request);
      if (record === null) return null;
      await index.markPending(id);
      enqueue(id);
      return record;
    },
  };
}
