import {
  eventData,
  isObject,
  malformed,
  parseJson,
  readBudMessage,
  readClusterEvent,
  type ReadResult,
} from '@bud-monitoring/cluster-events';
import { topics } from '@bud-monitoring/contracts';
import { StoreDown, type Clock, type Log } from '../../ports.js';
import type { DeadLetters, Letter } from './dead-letters.js';
import type { Intake } from '../state/desired-state.js';

/** Done; again, since what is down is down for everybody; or never again. */
export type Verdict = 'SUCCESS' | 'RETRY' | 'DROP';

/** What becomes of a delivered message. Nothing is acknowledged before it is written down. */
export interface Delivery {
  /** Takes a message of one of the topics with cluster events. */
  take(topic: string, message: unknown): Promise<Verdict>;
  /** Takes what the broker gave up on. */
  takeDeadLetter(message: unknown): Promise<Verdict>;
  /** Takes a kept message again, at its original time; a reason when it still cannot be taken. */
  replay(letter: Letter): Promise<{ ok: true; letter: Letter } | { ok: false; reason: string }>;
}

export function createDelivery(options: {
  intake: Intake;
  deadLetters: DeadLetters;
  clock: Clock;
  log: Log;
  onDeadLetter: () => void;
}): Delivery {
  const { intake, deadLetters, clock, log } = options;

  async function keep(topic: string, reason: string, message: unknown): Promise<Letter> {
    const letter = await deadLetters.add({ topic, reason, message });
    options.onDeadLetter();
    log.error('an event was not taken and is kept as a dead letter', {
      topic,
      reason,
      deadLetter: letter.id,
    });
    return letter;
  }

  /** The state store alone is worth waiting for: it is down for every event alike. */
  async function unlessStoreDown(work: () => Promise<Verdict>): Promise<Verdict> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreDown)) throw error;
      log.warn('an event waits for the state store', { reason: error.message });
      return 'RETRY';
    }
  }

  return {
    take: (topic, message) =>
      unlessStoreDown(async () => {
        const reading = readMessage(topic, message, clock.now());
        if (reading.kind === 'ignored') return 'SUCCESS';
        if (reading.kind === 'malformed') {
          await keep(topic, reading.reason, message);
          return 'DROP';
        }
        try {
          await intake.take(reading.event);
          return 'SUCCESS';
        } catch (error) {
          if (error instanceof StoreDown) throw error;
          // It would fail again, and ten like it would stop all deliveries.
          const reason = error instanceof Error ? error.message : String(error);
          await keep(topic, `could not be taken: ${reason}`, message);
          return 'DROP';
        }
      }),
    takeDeadLetter: (message) =>
      unlessStoreDown(async () => {
        const { topic, original } = unwrap(message);
        const reading = readMessage(topic, original, clock.now());
        if (reading.kind === 'ignored') return 'SUCCESS';
        if (reading.kind === 'malformed') {
          await keep(topic, reading.reason, original);
          return 'SUCCESS';
        }
        const letter = await keep(topic, 'its deliveries ran out', original);
        // Nothing is wrong with it: whatever was down may be up again.
        await intake.take(reading.event);
        await deadLetters.markReplayed(letter);
        return 'SUCCESS';
      }),
    async replay(letter) {
      const reading = readMessage(letter.topic, parseJson(letter.message), clock.now());
      if (reading.kind === 'malformed') return { ok: false, reason: reading.reason };
      if (reading.kind === 'event') await intake.take(reading.event);
      return { ok: true, letter: await deadLetters.markReplayed(letter) };
    },
  };
}

function readMessage(topic: string, message: unknown, now: number): ReadResult {
  switch (topic) {
    case topics.clusterCreated:
      return readClusterEvent('created', message, now);
    case topics.clusterUpdated:
      return readClusterEvent('updated', message, now);
    case topics.clusterDeleted:
      return readClusterEvent('deleted', message, now);
    case topics.budAppMessages:
      return readBudMessage(message, now);
    default:
      return malformed('the topic it was published to is not known');
  }
}

/** The message as it was published, from the raw form in which the dead letter topic delivers it. */
function unwrap(message: unknown): { topic: string; original: unknown } {
  const raw = isObject(message) && typeof message['data_base64'] === 'string';
  const original = raw ? (eventData(message) ?? message['data_base64']) : message;
  const topic = isObject(original) ? original['topic'] : null;
  return { topic: typeof topic === 'string' ? topic : 'unknown', original };
}
