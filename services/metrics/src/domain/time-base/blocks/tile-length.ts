import type { TimeRange } from '../../time/time-range.js';
import type { SampleTimes } from '../sample-times.js';
import { clip, lengthOf, unionOf } from './target-block.js';

/**
 * Short overlapping ranges over a block, for targets that came or were silent in it: a tile that holds a gap
 * is left out, so that nothing that grew in a gap counts, and every pair of samples that is near enough is
 * whole in some tile.
 */
const longestTile = 600;
/** Where a gap leaves no room for one beside it, a shorter one may fit. */
const fineTiles = [150, 300, 450];
/** So many intervals are in a fine tile, so that it has a pair of samples wherever it lies. */
const intervals = 2.5;
/** What short tiles may lack of what longer ones hold: where nearly all is held, short ones tell better of a slope. */
const nearlyAll = 0.8;
/** Most points of one range query. */
const maxPoints = 10_000;

/** Seconds that the tiles of a target in a span may have, the shortest first. */
function lengthsFor({ start, end }: TimeRange, { interval }: SampleTimes, isFine: boolean) {
  const longest = Math.min(longestTile, end - start);
  const needed = intervals * (interval ?? longestTile);
  const fine = isFine ? fineTiles.filter((one) => one >= needed && one < longest) : [];
  return [...fine, longest];
}

/** Seconds of the tiles of a target in a block of a span: the shortest that hold nearly as much of it as any. */
export function tileLength(
  span: TimeRange,
  block: TimeRange,
  times: SampleTimes,
  isFine: boolean,
): number {
  const lengths = lengthsFor(span, times, isFine);
  if (lengths.length === 1) return lengths[0] ?? longestTile;
  const heldAll = lengths.map((length) => heldBy(tilePoints(span, length), length, times, block));
  const of = heldAll.some(({ own }) => own > 0) ? 'own' : 'any';
  const held = heldAll.map((one) => one[of]);
  const enough = nearlyAll * Math.max(...held);
  return lengths[held.findIndex((seconds) => seconds >= enough)] ?? longestTile;
}

/**
 * Seconds between samples in a block that lie in tiles without a gap: in any, and in those that tell more of the block than
 * of the time beside it.
 */
function heldBy(points: TilePoints, length: number, times: SampleTimes, block: TimeRange) {
  const any: TimeRange[] = [];
  const own: TimeRange[] = [];
  for (let end = points.start; end <= points.end; end += points.step) {
    const tile = { start: end - length, end };
    if (!reaches(tile, block)) continue;
    const { count, hasGap, first, last } = times.within(tile);
    if (count < 2 || hasGap) continue;
    const held = clip([{ start: first, end: last }], block);
    any.push(...held);
    if (2 * lengthOf(held) >= last - first) own.push(...held);
  }
  return { any: lengthOf(unionOf(any)), own: lengthOf(unionOf(own)) };
}

/** Whether a tile tells of a block: one over an edge may be the only one that holds a pair near it. */
export function reaches({ start, end }: TimeRange, block: TimeRange): boolean {
  const beyond = (end - start) / 2 + 1e-3;
  return start >= block.start - beyond && end <= block.end + beyond;
}

/** The ends of tiles: the first, the last, and the seconds between two. */
interface TilePoints extends TimeRange {
  readonly step: number;
}

/** The ends of the tiles of a span. */
export function tilePoints({ start, end }: TimeRange, length: number): TilePoints {
  const step = stepOf(length);
  const count = Math.min(maxPoints, Math.ceil((end - start - length) / step) + 1);
  return { start: end - count * step, end, step };
}

const stepOf = (length: number) => Math.max(1, Math.ceil(length / 2));

/** How many tiles of a target a range has, at most. */
export function tilesIn(range: TimeRange, times: SampleTimes, isFine = false): number {
  const [shortest = longestTile] = lengthsFor(range, times, isFine);
  return Math.ceil((range.end - range.start) / stepOf(shortest));
}
