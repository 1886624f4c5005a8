import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../ports.js';

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
 * Whether a body is a whole JSON object: one that was cut off where a proxy ended it cleanly is not. Quotes,
 * braces and brackets are paired; what stands between them is not looked at.
 */
export function isWholeObject(body: Buffer): boolean {
  if (body[0] !== brace) return false;
  let depth = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === quote) {
      at = endOfString(body, at);
      if (at < 0) return false;
    } else if (byte === brace || byte === bracket) {
      depth += 1;
    } else if (byte === closingBrace || byte === closingBracket) {
      depth -= 1;
      if (depth === 0)
        return (
          body
            .subarray(at + 1)
            .toString('latin1')
            .trim() === ''
        );
    }
  }
  return false;
}

const [quote, backslash, brace, bracket, closingBrace, closingBracket] = Buffer.from('"\\{[}]');

/** Where the string that begins at `start` ends; -1 where it has no end. */
function endOfString(body: Buffer, start: number): number {
  for (let end = body.indexOf('"', start + 1); end >= 0; end = body.indexOf('"', end + 1)) {
    let escapes = 0;
    while (body[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}

/**
 * Whether a response is complete and may be reused: it has no warnings and is not marked as partial. Both
 * words are searched for first, since hardly any response has them and parsing one takes long; without the
 * quote before them, since a search for what begins with a quote stops at every number.
 */
export function isComplete(body: Buffer): boolean {
  if (!body.includes('warnings"') && !body.includes('isPartial"')) return true;
  try {
    const { warnings, isPartial } = JSON.parse(body.toString()) as Record<string, unknown>;
    return isPartial !== true && (!Array.isArray(warnings) || warnings.length === 0);
  } catch {
    return false;
  }
}
