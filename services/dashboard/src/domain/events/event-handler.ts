import {
  isObject,
  parseJson,
  readEvent,
  summarizeMessage,
  type ClusterEvent,
  type Outranking,
} from '@bud-monitoring/cluster-events';
import { StoreDown, type Clock, type Log } from '../../ports.js';
import type { DesiredStateWriter } from '../state/desired-state.js';
import type { DeadLetter } from './dead-letter.js';
import type { DeadLetters } from './dead-letters.js';

/** Dapr's answers to a delivery: done; redeliver, since the state store is down; or never redeliver. */
export type DeliveryStatus = 'SUCCESS' | 'RETRY' | 'DROP';

/** Handles delivered messages. Nothing is acknowledged before it is stored. */
export interface EventHandler {
  /** Handles a message of a topic with cluster events; one that is refused becomes a dead letter. */
  handle(topic: string, message: unknown): Promise<DeliveryStatus>;
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

  async function storeDeadLetter(
    topic: string,
    reason: string,
    message: unknown,
  ): Promise<DeadLetter> {
    const deadLetter = await deadLetters.add({ topic, reason, message });
    options.onDeadLetter();
    const { source, id } = summarizeMessage(message);
    log.error('an event was refused and stored as a dead letter', {
      topic,
      reason,
      source,
      id,
      deadLetter: deadLetter.id,
    });
    return deadLetter;
  }

  async function apply(event: ClusterEvent): Promise<void> {
    const outranking = await desiredState.handleEvent(event);
    if (outranking !== null) options.onOutranked(event, outranking);
  }

  /** Only an outage of the state store is worth a redelivery: it concerns every event alike. */
  async function retryIfStoreDown(handle: () => Promise<DeliveryStatus>): Promise<DeliveryStatus> {
    try {
      return await handle();
    } catch (error) {
      if (!(error instanceof StoreDown)) throw error;
      log.warn('an event waits for the state store', { reason: error.message });
      return 'RETRY';
    }
  }

  return {
    handle: (topic, message) =>
      retryIfStoreDown(async () => {
        const result = readEvent(topic, message, clock.now());
        if (result.kind === 'ignored') return 'SUCCESS';
        if (result.kind === 'malformed') {
          await storeDeadLetter(topic, result.reason, message);
          return 'DROP';
        }
        try {
          await apply(result.event);
          return 'SUCCESS';
        } catch (error) {
          if (error instanceof StoreDown) throw error;
          // A redelivery would fail too, and ten such events would stop all deliveries.
          const reason = error instanceof Error ? error.message : String(error);
          await storeDeadLetter(topic, `could not be taken: ${reason}`, message);
          return 'DROP';
        }
      }),
    handleDeadLetter: (message) =>
      retryIfStoreDown(async () => {
        const { topic, original } = unwrapDeadLetter(message);
        const result = readEvent(topic, original, clock.now());
        if (result.kind === 'ignored') return 'SUCCESS';
        if (result.kind === 'malformed') {
          await storeDeadLetter(topic, result.reason, original);
          return 'SUCCESS';
        }
        const deadLetter = await storeDeadLetter(topic, 'its deliveries ran out', original);
        // The event itself is valid: whatever was down may be up again.
        await apply(result.event);
        await deadLetters.markReplayed(deadLetter);
        return 'SUCCESS';
      }),
    async replay(deadLetter) {
      const { topic, message, receivedAt } = deadLetter;
      const result = readEvent(topic, parseJson(message), receivedAt);
      if (result.kind === 'malformed') return { ok: false, reason: result.reason };
      if (result.kind === 'event') await apply(result.event);
      return { ok: true, deadLetter: await deadLetters.markReplayed(deadLetter) };
    },
  };
}

/** The original message and its topic; the dead letter topic delivers it raw, in base64. */
function unwrapDeadLetter(message: unknown): { topic: string; original: unknown } {
  const base64 = isObject(message) ? message['data_base64'] : undefined;
  const text = typeof base64 === 'string' ? Buffer.from(base64, 'base64').toString('utf8') : null;
  const original = text === null ? message : (parseJson(text) ?? text);
  const topic = isObject(original) ? original['topic'] : null;
  return { topic: typeof topic === 'string' ? topic : 'unknown', original };
}
