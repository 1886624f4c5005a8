import type { Clock } from '../../ports.js';
import { createExtents } from './range-cache/extents.js';
import type { FairQueue } from './upstream/fair-queue.js';
import { createFlights, type Reply } from './upstream/single-flight.js';
import { createKeptAnswers, isWhole } from './response/response-cache.js';
import { createRangeAnswers, type Provenance } from './range-cache/range-cache.js';
import type { RangeCall, ScopedCall, StoreCall } from './scoping/scope-request.js';
import { BodyTooLarge } from './upstream/shared-body.js';
import { createStoreTurns, type StoreGate } from './upstream/concurrency-limit.js';

export interface StoreAnswer extends Provenance {
  readonly status: number;
  /** Whether another had asked the same and this one waited with it. */
  readonly shared: boolean;
  /** Time that the store took until its answer began; null where it was not asked. */
  readonly storeSeconds: number | null;
  /** Whole, or in pieces while it comes in: to be read, or the asker's signal aborted. */
  readonly body: Buffer | AsyncIterable<Buffer>;
}

export interface AnswererOptions {
  readonly store: StoreGate;
  readonly queue: FairQueue;
  readonly clock: Clock;
  /** Bytes kept of whole answers, and of extents: each half of the cache. */
  readonly cacheBytes: number;
  /** Bytes of one answer above which it is broken off. */
  readonly maxAnswerBytes: number;
  /** How long the newest points, instant and other answers are reused, ms. */
  readonly freshMs: number;
  /** Age from which points do not change any more, seconds. */
  readonly settledAfterSeconds: number;
  /** How long an extent lives, seconds: samples that came late are seen by then. */
  readonly extentSeconds: number;
}

export interface Ask extends ScopedCall {
  /** Takes its turns in the queue. */
  readonly cluster: string;
  /** Keeps answers to callers of different reach apart; holds no blank. */
  readonly scope: string;
  /** Straight from the store, whatever is kept. */
  readonly fresh?: boolean;
}

/** Answers calls from what is kept, from calls under way, or from the store. */
export interface Answerer {
  /** Throws what kept the store from answering; the signal ends the body too. */
  answer(ask: Ask, signal: AbortSignal): Promise<StoreAnswer>;
  /** Bytes that are kept. */
  readonly bytes: number;
}

/** An answer under way, and what is done with it once it has come in. */
interface Made extends Reply, Provenance {
  readonly storeSeconds: number;
  keep(whole: Buffer | null): void;
  broken(error: unknown): void;
}

/** How long a query that the store called wrong, or whose answer is too large, is not sent again, ms. */
const wrongMs = 10_000;
/** Newest points of a coarse range are reused for its step, at most so many times `freshMs`. */
const longestFresh = 6;
/** An answer says within so many bytes that it has no series. */
const headBytes = 200;
/** Bytes held of an answer for whoever reads slowest; longer ones are not kept either. */
const windowBytes = 8 * 1024 * 1024;

export function createAnswerer(options: AnswererOptions): Answerer {
  const { clock, freshMs } = options;
  const half = Math.max(1, Math.floor(options.cacheBytes / 2));
  const kept = createKeptAnswers({ clock, maxBytes: half });
  const extents = createExtents({ ...options, maxBytes: half });
  const turns = createStoreTurns(options);
  const ranges = createRangeAnswers({ extents, turns, clock, windowBytes });
  const flights = createFlights<Made>({
    ...{ maxBytes: options.maxAnswerBytes, windowBytes },
    onEnd: (reply, whole) => reply.keep(whole),
    onBreak: (reply, error) => reply.broken(error),
  });

  function keep(key: string, status: number, body: Buffer, range: RangeCall | undefined): void {
    if (status >= 500) return;
    if (status === 200 && !isWhole(body)) return;
    const isCoarse = range !== undefined && !body.subarray(0, headBytes).includes('"result":[]');
    const coarseMs = isCoarse ? Math.min(range.step * 1000, longestFresh * freshMs) : 0;
    const ttlMs = status === 200 ? Math.max(freshMs, coarseMs) : wrongMs;
    kept.keep(key, { status, body }, ttlMs);
  }

  async function make(ask: Ask, key: string, signal: AbortSignal): Promise<Made> {
    const { range, fresh = false } = ask;
    const found = fresh || range === undefined ? null : await ranges.find(ask, range, signal);
    const began = clock.now();
    const made = found ?? {
      ...(await turns.send(ask.cluster, ask.call, signal)),
      ...(fresh ? { cache: 'bypass' as const, reason: 'asked for anew' } : ranges.why(range)),
    };
    return {
      ...made,
      keep(whole) {
        if (fresh || whole === null) return;
        keep(key, made.status, whole, range);
        if (found === null && range !== undefined && made.status === 200) {
          ranges.learn(ask.scope, range, { body: whole, at: began });
        }
      },
      broken(error) {
        if (!(error instanceof BodyTooLarge)) return;
        // Its head had gone out: who asks again is told why it broke off.
        const body = { status: 'error', errorType: 'execution', error: error.message };
        kept.keep(key, { status: 422, body: Buffer.from(JSON.stringify(body)) }, wrongMs);
      },
    };
  }

  return {
    async answer(ask, signal) {
      const key = keyOf(ask);
      const known = ask.fresh === true ? undefined : kept.get(key);
      if (known !== undefined) {
        const age = Math.max(0, Math.round((clock.now() - known.at) / 1000));
        return {
          ...{ status: known.status, cache: 'hit', reason: `kept for ${age} s` },
          ...{ shared: false, storeSeconds: null, body: known.body },
        };
      }
      // One who has more time does not share the lot of one who has less.
      const flight = `${ask.fresh === true ? 'fresh ' : ''}${ask.call.timeoutMs} ${key}`;
      const { reply, joined, body } = await flights.join(flight, signal, (own) =>
        make(ask, key, own),
      );
      const { status, cache, reason, storeSeconds } = reply;
      return {
        ...(joined ? { cache: 'hit', reason: 'asked by another too' } : { cache, reason }),
        ...{ status, shared: joined, storeSeconds, body },
      };
    },
    get bytes() {
      return kept.bytes + extents.bytes;
    },
  };
}

const keyOf = ({ scope, call: { path, form } }: { scope: string; call: StoreCall }): string =>
  `${scope} ${path}?${form}`;
