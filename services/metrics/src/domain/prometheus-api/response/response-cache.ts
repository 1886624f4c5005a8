import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../ports.js';
import { hasSeriesAlone } from './read-response.js';

/** A response that is reused for a while. */
export interface CachedResponse {
  readonly status: number;
  readonly body: Buffer;
  /** When it was stored, ms. */
  readonly storedAt: number;
}

/** Caches whole responses, bounded by their bytes. */
export interface ResponseCache {
  get(key: string): CachedResponse | undefined;
  set(key: string, response: { status: number; body: Buffer }, ttlMs: number): void;
  /** Bytes in use. */
  readonly bytes: number;
}

export function createResponseCache(options: { clock: Clock; maxBytes: number }): ResponseCache {
  const { clock, maxBytes } = options;
  const cache = new LRUCache<string, CachedResponse>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length + 256,
    perf: clock,
    ttlResolution: 0,
  });
  return {
    get: (key) => cache.get(key),
    set(key, { status, body }, ttlMs) {
      // lru-cache reads a time to live of 0 as unlimited.
      if (ttlMs <= 0) return;
      cache.set(key, { status, body: unpooled(body), storedAt: clock.now() }, { ttl: ttlMs });
    },
    get bytes() {
      return cache.calculatedSize;
    },
  };
}

/** A small buffer is a slice of Node's pool, all of which it would keep in memory. */
function unpooled(body: Buffer): Buffer {
  if (body.buffer.byteLength <= 2 * body.length) return body;
  const own = Buffer.allocUnsafeSlow(body.length);
  body.copy(own);
  return own;
}

/**
 * Whether a response is complete and may be reused: it has no warnings and is not marked as partial. Quotes in strings
 * are escaped, so that no data looks like a key; as one, each is searched for without the quote before it, since a
 * search for what begins with a quote stops at every number. Parsed is only what is written in another way.
 */
export function isComplete(body: Buffer): boolean {
  if (hasSeriesAlone(body)) return true;
  if (body.includes('warnings":["') || body.includes('isPartial":true')) return false;
  if (isSaid(body, 'warnings"', ':[]') && isSaid(body, 'isPartial"', ':false')) return true;
  try {
    const { warnings, isPartial } = JSON.parse(body.toString()) as Record<string, unknown>;
    return isPartial !== true && (!Array.isArray(warnings) || warnings.length === 0);
  } catch {
    return false;
  }
}

/** Whether what a body says of a key, if anything, is this. */
function isSaid(body: Buffer, key: string, value: string): boolean {
  const at = body.indexOf(key);
  if (at < 0) return true;
  const from = at + key.length;
  return body.toString('latin1', from, from + value.length) === value;
}
