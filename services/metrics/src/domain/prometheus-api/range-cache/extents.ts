import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../ports.js';
import { joinMatrices, matrixBytes, type Matrix, type Span } from './matrix.js';
import type { RangeCall } from '../scoping/scope-request.js';

/** What is kept of a range query: all its points from start to end, old enough not to change any more. */
export interface Extent extends Span {
  /** When its oldest part was fetched, Unix seconds: late samples are seen once it is dropped. */
  readonly since: number;
  readonly matrix: Matrix;
  readonly infos: readonly string[];
}

/** Points that were found, each part later than those before it. */
export interface Found extends Omit<Extent, 'matrix'> {
  readonly parts: readonly Matrix[];
  /** When the newest of them were asked for, ms. */
  readonly at: number;
}

export interface Extents {
  get(scope: string, range: RangeCall): Extent | undefined;
  /** Keeps those of the points that had settled `at` a time, ms. */
  keep(scope: string, range: RangeCall, found: Found): void;
  /** Whether points from `start` on (Unix seconds) had settled at a time, ms. */
  settles(start: number, at: number): boolean;
  readonly bytes: number;
}

export function createExtents(options: {
  clock: Clock;
  maxBytes: number;
  settledAfterSeconds: number;
  extentSeconds: number;
}): Extents {
  const { clock, maxBytes, settledAfterSeconds, extentSeconds } = options;
  const cache = new LRUCache<string, Extent>({
    maxSize: maxBytes,
    sizeCalculation: ({ matrix }, key) => 512 + 2 * key.length + matrixBytes(matrix),
    perf: clock,
    ttlResolution: 0,
  });
  const settledAt = (at: number) => at / 1000 - settledAfterSeconds;
  return {
    get: (scope, range) => cache.get(keyOf(scope, range)),
    keep(scope, range, { at, parts, ...found }) {
      const ttl = (found.since + extentSeconds) * 1000 - clock.now();
      const span = settledSpan(found, settledAt(at), range.step);
      if (ttl <= 0 || span === null) return;
      const key = keyOf(scope, range);
      const known = cache.peek(key);
      // Joining copies all points, and mostly none has settled since.
      if (known?.since === found.since && known.start === span.start && known.end >= span.end)
        return;
      const matrix = joinMatrices(parts, span);
      // Nothing at all is more likely a gap than an answer.
      if (matrix.size > 0) cache.set(key, { ...found, ...span, matrix }, { ttl });
    },
    settles: (start, at) => start <= settledAt(at),
    get bytes() {
      return cache.calculatedSize;
    },
  };
}

/** Queries share an extent when their points fall on the same grid. */
function keyOf(scope: string, { query, start, step }: RangeCall): string {
  return `${scope} ${step} ${start % step} ${query}`;
}

function settledSpan({ start, end }: Span, settledAt: number, step: number): Span | null {
  const steps = Math.floor((settledAt - start) / step);
  const settled = Math.min(end, start + steps * step);
  return settled < start ? null : { start, end: settled };
}

/**
 * Why an answer's points depend on more than their own time, so that extents would be wrong; null
 * where they do not. It looks at the text alone and may be wrong in one direction: what stands in
 * quotes counts too.
 */
export function whyNoExtents({ query, start, step }: RangeCall): string | null {
  if (!Number.isInteger(start) || !Number.isInteger(step)) return 'times are not whole seconds';
  if (query.includes('#')) return 'the query has a comment';
  if (query.includes('@')) return 'the query has an @ modifier';
  // A duration may be worked out (offset (1m - 1h)); only a plain one surely looks back.
  if (/\boffset\b(?!\s+[\dsmhdwy]+\b)|\bsmoothed\b/i.test(query)) return 'the query may look ahead';
  if (/\b(?:start|end|step|range)\s*\(/i.test(query)) return 'the query reads its own range';
  return null;
}

/** The points that a range asks for. */
export function spanOf({ start, end, step }: RangeCall): Span {
  return { start, end: start + Math.floor((end - start) / step) * step };
}

/** What of a span must be fetched beside the extent; null where all of it must. */
export function missingOf(extent: Extent, span: Span, step: number): Span[] | null {
  if (extent.end < span.start || extent.start > span.end) return null;
  const missing: Span[] = [];
  if (extent.start > span.start) missing.push({ start: span.start, end: extent.start - step });
  if (extent.end < span.end) missing.push({ start: extent.end + step, end: span.end });
  return missing;
}
