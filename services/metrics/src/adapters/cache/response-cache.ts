import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock } from '../../ports.js';
import { createFlights } from './single-flight.js';

const compress = promisify(gzip);

/** An encoded answer. */
export interface EncodedAnswer {
  readonly bytes: Buffer;
  /** When it was made, ms. */
  readonly madeAt: number;
  /** The same compressed: done once, when first asked for. */
  gzipped(): Promise<Buffer>;
}

export interface AnswerCache {
  /** The answer under a key of a cluster: a kept one, or one made now, once for all who wait. */
  get(
    cluster: ClusterId,
    key: string,
    signal: AbortSignal,
    make: (signal: AbortSignal) => Promise<{ body: unknown; keep: boolean }>,
  ): Promise<{ answer: EncodedAnswer; hit: boolean }>;
  /** Forgets all answers about a cluster. */
  readonly drop: (cluster: ClusterId) => void;
}

/** Kept answers, bounded by their bytes; a key always begins with the cluster it is about. */
export function createAnswerCache(options: {
  clock: Clock;
  ttlMs: number;
  maxBytes: number;
}): AnswerCache {
  const { clock, ttlMs, maxBytes } = options;
  const cache =
    ttlMs > 0 && maxBytes > 0
      ? new LRUCache<string, EncodedAnswer>({
          ttl: ttlMs,
          maxSize: maxBytes,
          // The compressed form, made later, is at most a quarter more.
          sizeCalculation: ({ bytes }, key) => Math.ceil(1.25 * bytes.length) + 2 * key.length,
          perf: clock,
          ttlResolution: 0,
        })
      : null;
  const flights = createFlights<EncodedAnswer>();
  const generations = new Map<ClusterId, number>();

  return {
    async get(cluster, key, signal, make) {
      const full = `${cluster} ${key}`;
      const kept = cache?.get(full);
      if (kept !== undefined) return { answer: kept, hit: true };
      const generation = generations.get(cluster);
      const answer = await flights.run(full, signal, async (shared) => {
        const madeAt = clock.now();
        const { body, keep } = await make(shared);
        const made = encoded(body, madeAt);
        // What was forgotten while it was made stays so.
        if (keep && generations.get(cluster) === generation) cache?.set(full, made);
        return made;
      });
      return { answer, hit: false };
    },
    drop(cluster) {
      generations.set(cluster, (generations.get(cluster) ?? 0) + 1);
      for (const key of cache?.keys() ?? []) if (key.startsWith(`${cluster} `)) cache?.delete(key);
    },
  };
}

function encoded(body: unknown, madeAt: number): EncodedAnswer {
  const bytes = Buffer.from(JSON.stringify(body));
  let gzipping: Promise<Buffer> | undefined;
  return {
    bytes,
    madeAt,
    gzipped: () => (gzipping ??= compress(bytes, { level: constants.Z_BEST_SPEED })),
  };
}
