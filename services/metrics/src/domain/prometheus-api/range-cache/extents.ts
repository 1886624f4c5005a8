import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../ports.js';
import { joinMatrices } from './matrix-join.js';
import { matrixBytes, type Matrix, type PointRange } from './matrix.js';
import type { RangeQuery } from '../scoping/scope-request.js';
import { shortKey } from '../short-key.js';

/** Cached points of a range query: all from start to end, old enough not to change any more. */
export interface Extent extends PointRange {
  /** When its oldest part was fetched, Unix seconds: late samples are seen once it has expired. */
  readonly since: number;
  /** Each later than those before it. */
  readonly parts: readonly Part[];
  readonly infos: readonly string[];
}

/** Points that were fetched together. */
export interface Part extends PointRange {
  readonly matrix: Matrix;
}

/** Points that were fetched, those that are cached already among them. */
export interface FetchedPoints extends Extent {
  /** When the newest of them were requested, ms. */
  readonly at: number;
}

export interface ExtentCache {
  get(scopeKey: string, range: RangeQuery): Extent | undefined;
  /** Stores those of the points that had settled at `fetched.at`. */
  set(scopeKey: string, range: RangeQuery, fetched: FetchedPoints): void;
  /** Whether points from `start` on (Unix seconds) had settled at a time, ms. */
  hasSettled(start: number, at: number): boolean;
  readonly bytes: number;
}

/** Parts of an extent, above which they are joined: joining copies all points, and each refresh brings a part. */
const mostParts = 8;

export function createExtentCache(options: {
  clock: Clock;
  maxBytes: number;
  settledAfterSeconds: number;
  extentSeconds: number;
}): ExtentCache {
  const { clock, maxBytes, settledAfterSeconds, extentSeconds } = options;
  const cache = new LRUCache<string, Extent>({
    maxSize: maxBytes,
    sizeCalculation: ({ parts }, key) =>
      parts.reduce((sum, { matrix }) => sum + matrixBytes(matrix), 512 + 2 * key.length),
    perf: clock,
    ttlResolution: 0,
  });
  const settledAt = (at: number) => at / 1000 - settledAfterSeconds;
  return {
    get: (scopeKey, range) => cache.get(keyOf(scopeKey, range)),
    set(scopeKey, range, { at, parts, ...fetched }) {
      const ttl = (fetched.since + extentSeconds) * 1000 - clock.now();
      const settled = settledRange(fetched, settledAt(at), range.step);
      if (ttl <= 0 || settled === null) return;
      const key = keyOf(scopeKey, range);
      const known = cache.peek(key);
      // Mostly none has settled since.
      if (
        known?.since === fetched.since &&
        known.start === settled.start &&
        known.end >= settled.end
      )
        return;
      const kept = joinedIfMany(parts.flatMap((part) => within(part, settled)));
      // Nothing at all is more likely a gap than an answer.
      if (kept.some(({ matrix }) => matrix.size > 0))
        cache.set(key, { ...fetched, ...settled, parts: kept }, { ttl });
    },
    hasSettled: (start, at) => start <= settledAt(at),
    get bytes() {
      return cache.calculatedSize;
    },
  };
}

/** The part of a part that lies within a range, if any does. */
function within(part: Part, range: PointRange): Part[] {
  const [start, end] = [Math.max(part.start, range.start), Math.min(part.end, range.end)];
  if (start > end) return [];
  if (start === part.start && end === part.end) return [part];
  return [{ start, end, matrix: joinMatrices([part.matrix], { start, end }) }];
}

function joinedIfMany(parts: readonly Part[]): readonly Part[] {
  const [first, last] = [parts[0], parts.at(-1)];
  if (parts.length <= mostParts || first === undefined || last === undefined) return parts;
  const all = { start: first.start, end: last.end };
  const matrices = parts.map(({ matrix }) => matrix);
  return [{ ...all, matrix: joinMatrices(matrices, all) }];
}

/** Queries share an extent when their points fall on the same grid. */
function keyOf(scopeKey: string, { query, start, step }: RangeQuery): string {
  return `${scopeKey} ${step} ${start % step} ${shortKey(query)}`;
}

function settledRange(
  { start, end }: PointRange,
  settledAt: number,
  step: number,
): PointRange | null {
  const steps = Math.floor((settledAt - start) / step);
  const settled = Math.min(end, start + steps * step);
  return settled < start ? null : { start, end: settled };
}

/** From the first to the last point of a range query. */
export function pointRangeOf({ start, end, step }: RangeQuery): PointRange {
  return { start, end: start + Math.floor((end - start) / step) * step };
}

/** The ranges that must be fetched beside the extent; null where it covers nothing of the range. */
export function missingRanges(
  extent: Extent,
  range: PointRange,
  step: number,
): PointRange[] | null {
  if (extent.end < range.start || extent.start > range.end) return null;
  const missing: PointRange[] = [];
  if (extent.start > range.start) missing.push({ start: range.start, end: extent.start - step });
  if (extent.end < range.end) missing.push({ start: extent.end + step, end: range.end });
  return missing;
}
