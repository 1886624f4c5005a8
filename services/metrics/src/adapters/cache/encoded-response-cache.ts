import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { ClusterId } from '@bud-monitoring/contracts';
import { printInTurns } from '../../domain/turns/json.js';
import type { Clock } from '../../ports.js';
import { createSingleFlight } from './single-flight.js';

const compress = promisify(gzip);

/** A response as JSON. */
export interface EncodedResponse {
  readonly bytes: Buffer;
  /** Tells this response from all others, those of other replicas too: a weak entity tag. */
  readonly etag: string;
  /** When it was made, ms. */
  readonly madeAt: number;
  /** Compressed with gzip: once, when first needed. */
  gzipped(): Promise<Buffer>;
}

/** How a response came about; `stale` is one that was good before the store went away. */
export type CacheOutcome = 'hit' | 'miss' | 'stale';

export interface EncodedResponseCache {
  /**
   * The response for a key of a cluster: a cached one, or one made now, once for all callers that wait. Only then
   * is the caller's signal looked at. Where it cannot be made since an upstream is away, the last good one for a
   * while; rejects otherwise.
   */
  get(
    cluster: ClusterId,
    key: string,
    caller: { readonly signal: AbortSignal },
    make: (signal: AbortSignal) => Promise<{ body: unknown; isCacheable: boolean }>,
  ): Promise<{ response: EncodedResponse; outcome: CacheOutcome }>;
  /** Drops all responses about a cluster. */
  readonly invalidate: (cluster: ClusterId) => void;
}

/** Bounded by its bytes; a key always begins with the cluster it is about. */
export function createEncodedResponseCache(options: {
  clock: Clock;
  /** How long a response is reused, ms. */
  ttlMs: number;
  /** How much longer it is given while an upstream is away, ms. */
  staleMs: number;
  maxBytes: number;
  /** Whether an error is an upstream's: the last good answer is better. */
  isUpstream: (error: unknown) => boolean;
}): EncodedResponseCache {
  const { clock, ttlMs, staleMs, maxBytes, isUpstream } = options;
  const cache =
    ttlMs + staleMs > 0 && maxBytes > 0
      ? new LRUCache<string, EncodedResponse>({
          ttl: ttlMs + staleMs,
          maxSize: maxBytes,
          // The compressed form, made later, is at most a quarter more.
          sizeCalculation: ({ bytes }, key) => Math.ceil(1.25 * bytes.length) + 2 * key.length,
          perf: clock,
          ttlResolution: 0,
        })
      : null;
  const singleFlight = createSingleFlight<EncodedResponse>();
  /** Being made; stale once their cluster was invalidated. */
  const underWay = new Set<{ readonly cluster: ClusterId; isStale: boolean }>();

  return {
    async get(cluster, key, caller, make) {
      const full = `${cluster} ${key}`;
      const cached = cache?.get(full);
      if (cached !== undefined && ttlMs > 0 && clock.now() - cached.madeAt <= ttlMs) {
        return { response: cached, outcome: 'hit' };
      }
      const flight = singleFlight.do(full, caller.signal, async (sharedSignal) => {
        const making = { cluster, isStale: false };
        underWay.add(making);
        try {
          const madeAt = clock.now();
          const { body, isCacheable } = await make(sharedSignal);
          const made = encoded(await printInTurns(body), madeAt);
          if (isCacheable && !making.isStale) cache?.set(full, made);
          return made;
        } finally {
          underWay.delete(making);
        }
      });
      try {
        return { response: await flight, outcome: 'miss' };
      } catch (error) {
        const last = cache?.get(full);
        if (last === undefined || !isUpstream(error)) throw error;
        return { response: last, outcome: 'stale' };
      }
    },
    invalidate(cluster) {
      for (const making of underWay) if (making.cluster === cluster) making.isStale = true;
      for (const key of cache?.keys() ?? []) if (key.startsWith(`${cluster} `)) cache?.delete(key);
    },
  };
}

/** Of this process: its responses are told from those of other replicas. */
const replica = randomBytes(6).toString('base64url');
let made = 0;

function encoded(bytes: Buffer, madeAt: number): EncodedResponse {
  let gzipping: Promise<Buffer> | undefined;
  return {
    bytes,
    etag: `W/"${replica}-${(made += 1).toString(36)}"`,
    madeAt,
    gzipped: () => (gzipping ??= compress(bytes, { level: constants.Z_BEST_SPEED })),
  };
}
