import type { Clock } from '../../../ports.js';
import type { FairQueue } from './fair-queue.js';
import type { Reply } from './single-flight.js';
import type { StoreCall } from '../scoping/scope-request.js';

/** The store's HTTP API, byte for byte. Throws where the store gave no answer of its own. */
export interface StoreGate {
  send(call: Omit<StoreCall, 'timeoutMs'>, signal: AbortSignal): Promise<Reply>;
}

export interface TimedReply extends Reply {
  /** Time that the store took until its answer began. */
  readonly storeSeconds: number;
}

/** The store, asked in turns. */
export interface StoreTurns {
  /** The place is held until the body has come in, or the signal is aborted. */
  send(cluster: string, call: StoreCall, signal: AbortSignal): Promise<TimedReply>;
}

/** Paths whose evaluation the store gives up after `timeout`. */
const evaluated = new Set(['/query', '/query_range']);

export function createStoreTurns(options: {
  store: StoreGate;
  queue: FairQueue;
  clock: Clock;
}): StoreTurns {
  const { store, queue, clock } = options;
  return {
    async send(cluster, call, signal) {
      const asked = clock.now();
      const leave = await queue.enter(cluster, signal);
      try {
        const began = clock.now();
        const { method, path } = call;
        // What it waited is gone from its time.
        const left = Math.max(1, Math.ceil(call.timeoutMs - (began - asked)));
        const form = evaluated.has(path) ? `${call.form}&timeout=${left}ms` : call.form;
        const { status, first, rest } = await store.send({ method, path, form }, signal);
        const storeSeconds = (clock.now() - began) / 1000;
        if (rest === null) {
          leave();
          return { status, first, rest, storeSeconds };
        }
        signal.addEventListener('abort', leave, { once: true });
        return { status, first, rest: until(rest, leave), storeSeconds };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

async function* until(
  pieces: AsyncIterable<Buffer>,
  done: () => void,
): AsyncGenerator<Buffer, void> {
  try {
    yield* pieces;
  } finally {
    done();
  }
}
