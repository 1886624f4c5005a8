import {
  isObject,
  parseJson,
  readEvent,
  type ClusterEvent,
  type Outranking,
} from '@bud-monitoring/cluster-events';
import { StoreDown, type Clock, type Log } from '../../ports.js';
import type { DesiredStateWriter } from '../state/desired-state-writer.js';
import { possibleDeadLetterIds, type DeadLetter, type Refused } from './dead-letter.js';
import type { DeadLetters } from './dead-letter-store.js';

/** Dapr's answers to a delivery: done; redeliver, since the state store is down; or never redeliver. */
export type DeliveryStatus = 'SUCCESS' | 'RETRY' | 'DROP';

/** Handles delivered messages. Nothing is acknowledged before it is stored. */
export interface EventHandler {
  /**
   * Handles a message of a topic with cluster events; one that is refused, whatever the reason, becomes
   * a dead letter. `text` is the message as it was delivered.
   */
  handle(topic: string, message: unknown, text?: string): Promise<DeliveryStatus>;
  /** Handles a message of the dead letter topic: its redeliveries are exhausted. */
  handleDeadLetter(message: unknown): Promise<DeliveryStatus>;
  /** Handles a stored dead letter again, at its original time; a reason when it is still refused. */
  replay(
    deadLetter: DeadLetter,
  ): Promise<{ ok: true; deadLetter: DeadLetter } | { ok: false; reason: string }>;
}

/** A handler that writes the desired state, or dead letters. */
export function createEventHandler(options: {
  desiredState: DesiredStateWriter;
  deadLetters: DeadLetters;
  clock: Clock;
  log: Log;
  onDeadLetter: () => void;
  onOutranked: (event: ClusterEvent, outranking: Outranking) => void;
}): EventHandler {
  const { desiredState, deadLetters, clock, log } = options;

  async function apply(event: ClusterEvent): Promise<void> {
    const outranking = await desiredState.handleEvent(event);
    if (outranking !== null) options.onOutranked(event, outranking);
  }

  async function isStored(ids: readonly string[]): Promise<boolean> {
    for (const id of ids) if ((await deadLetters.get(id)) !== null) return true;
    return false;
  }

  async function storeDeadLetter(refused: Refused): Promise<DeadLetter> {
    const { deadLetter, isNew } = await deadLetters.add(refused);
    const { topic, reason, source, eventId, clusterId } = deadLetter;
    if (isNew) {
      options.onDeadLetter();
      log.error('an event was refused and stored as a dead letter', {
        topic,
        reason,
        source,
        id: eventId,
        deadLetter: deadLetter.id,
        clusterId,
      });
    }
    return deadLetter;
  }

  /**
   * Only an outage of the state store is worth a redelivery: it concerns every event alike. What else
   * fails would fail again, and ten such events would stop all deliveries: it becomes a dead letter.
   */
  async function dropUnlessStoreDown(
    refused: Omit<Refused, 'reason'>,
    handle: () => Promise<DeliveryStatus>,
  ): Promise<DeliveryStatus> {
    try {
      return await handle().catch(async (error: unknown) => {
        if (error instanceof StoreDown) throw error;
        await storeDeadLetter({ ...refused, reason: `could not be taken: ${messageOf(error)}` });
        return 'DROP' as const;
      });
    } catch (error) {
      if (error instanceof StoreDown) {
        log.warn('an event waits for the state store', { reason: error.message });
        return 'RETRY';
      }
      log.error('an event was dropped, since it cannot even be stored as a dead letter', {
        topic: refused.topic,
        reason: messageOf(error),
      });
      return 'DROP';
    }
  }

  return {
    handle: (topic, message, text) =>
      dropUnlessStoreDown({ topic, message, text }, async () => {
        const result = readEvent(topic, message, clock.now());
        if (result.kind === 'malformed') {
          await storeDeadLetter({ topic, reason: result.reason, message, text });
          return 'DROP';
        }
        if (result.kind === 'event') await apply(result.event);
        return 'SUCCESS';
      }),
    handleDeadLetter: (message) => {
      const { topic, original, text } = unwrapDeadLetter(message);
      return dropUnlessStoreDown({ topic, message: original, text }, async () => {
        if (topic === unknownTopic && (await isStored(possibleDeadLetterIds(original))))
          return 'SUCCESS';
        const result = readEvent(topic, original, clock.now());
        if (result.kind === 'ignored') return 'SUCCESS';
        const reason = result.kind === 'malformed' ? result.reason : failedElsewhere;
        const deadLetter = await storeDeadLetter({ topic, reason, message: original, text });
        if (result.kind === 'malformed') return 'SUCCESS';
        // The event itself is valid: whatever was down may be up again.
        await apply(result.event);
        await deadLetters.markReplayed(deadLetter);
        return 'SUCCESS';
      });
    },
    async replay(deadLetter) {
      const { topic, message, receivedAt } = deadLetter;
      if (deadLetter.truncated === true)
        return {
          ok: false,
          reason: `only a part of its ${deadLetter.bytes ?? 0} bytes is stored: publish it again, smaller`,
        };
      const result = readEvent(topic, parseJson(message), receivedAt);
      if (result.kind === 'malformed') return { ok: false, reason: result.reason };
      try {
        if (result.kind === 'event') await apply(result.event);
      } catch (error) {
        if (error instanceof StoreDown) throw error;
        return { ok: false, reason: messageOf(error) };
      }
      return { ok: true, deadLetter: await deadLetters.markReplayed(deadLetter) };
    },
  };
}

/** The reason of a dead letter that can be read here. */
const failedElsewhere = 'its deliveries ran out, or another service could not take it';

/** The topic of a message that does not say on which it was published. */
const unknownTopic = 'unknown';

/** The original message and its topic; the dead letter topic delivers it raw, in base64. */
function unwrapDeadLetter(message: unknown): { topic: string; original: unknown; text?: string } {
  const base64 = isObject(message) ? message['data_base64'] : undefined;
  const text = typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString('utf8') : null;
  const original = text === null ? message : (parseJson(text) ?? text);
  const topic = isObject(original) ? original['topic'] : null;
  return {
    topic: typeof topic === 'string' ? topic : unknownTopic,
    original,
    ...(text !== null && { text }),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
