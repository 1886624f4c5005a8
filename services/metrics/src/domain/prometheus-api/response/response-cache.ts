import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../ports.js';

/** An answer that is used again for a while. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** When it was kept, ms. */
  readonly at: number;
}

/** Whole answers, bounded by their bytes. */
export interface KeptAnswers {
  get(key: string): KeptAnswer | undefined;
  keep(key: string, answer: { status: number; body: Buffer }, ttlMs: number): void;
  /** Bytes taken. */
  readonly bytes: number;
}

export function createKeptAnswers(options: { clock: Clock; maxBytes: number }): KeptAnswers {
  const { clock, maxBytes } = options;
  const cache = new LRUCache<string, KeptAnswer>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length + 256,
    perf: clock,
    ttlResolution: 0,
  });
  return {
    get: (key) => cache.get(key),
    keep(key, { status, body }, ttlMs) {
      // A time to live of 0 would be for ever.
      if (ttlMs > 0)
        cache.set(key, { status, body: unpooled(body), at: clock.now() }, { ttl: ttlMs });
    },
    get bytes() {
      return cache.calculatedSize;
    },
  };
}

/** A small buffer is part of a shared one, which it would keep in memory whole. */
function unpooled(body: Buffer): Buffer {
  if (body.buffer.byteLength <= 2 * body.length) return body;
  const own = Buffer.allocUnsafeSlow(body.length);
  body.copy(own);
  return own;
}

/**
 * Whether an answer may be used again: it has no warnings and is not marked as partial. Both words
 * are looked for first, since nearly no answer has them and reading one takes long; without the quote
 * before them, since a search for what begins with a quote stops at every number.
 */
export function isWhole(body: Buffer): boolean {
  if (!body.includes('warnings"') && !body.includes('isPartial"')) return true;
  try {
    const { warnings, isPartial } = JSON.parse(body.toString()) as Record<string, unknown>;
    return isPartial !== true && (!Array.isArray(warnings) || warnings.length === 0);
  } catch {
    return false;
  }
}
