import type { MetricSource } from '../../../ports.js';
import { groupBy } from '../../group-by.js';
import { createPace, mapInTurns } from '../../turns/pace.js';
import type { Scope } from '../../promql/scope.js';
import type { TimeRange } from '../../time/time-range.js';
import { groupsOfFigures, lookAt, type TargetFigures } from './block-figures.js';
import {
  tablesOfBlocks,
  type BlockReading,
  type BlockTable,
  type TargetId,
  type TargetPresence,
} from './block-tables.js';
import { adoptOrphans, type AdoptedOrphans } from './adopt-orphans.js';
import { readBlockTimes, type BlockTimes } from './block-times.js';
import { openEdge, perSecond, type GrowthSemantics } from '../growth.js';
import type { SampledTarget, SampledTargets } from '../read-samples.js';
import { longestGap, type SampleTimes } from '../sample-times.js';
import { unionOf, ValueTable, type TargetBlock } from './target-block.js';
import { tileLength, tilesIn } from './tile-length.js';
import { meanOfTiles, readTiles, tileFigures, type Tiles } from './tiles.js';

/** The targets of a block, by group. */
export type ResolvedBlock = ReadonlyMap<string, readonly TargetBlock[]>;

/** The blocks in the order they were given, and the sample times that were read for them. */
export interface ResolvedBlocks {
  readonly blocks: readonly ResolvedBlock[];
  readonly times: BlockTimes | null;
  /** Why sample times or tiles are missing: means are then less exact. */
  readonly failed: readonly unknown[];
}

export interface ResolveRequest {
  readonly scope: Scope;
  /** What was read of the blocks, in a scope. */
  readonly figuresOf: (scope: Scope) => TargetFigures;
  readonly blocks: readonly BlockReading[];
  /** The newest samples, where they are known. */
  readonly newest: SampledTargets;
  readonly semantics: GrowthSemantics;
  readonly signal: AbortSignal;
}

/** Most values that are read as tiles for an answer: some 15 MB. */
const maxTileValues = 600_000;
/** Most values that are read as fine tiles, and the longest span of such (seconds). */
const [maxFineValues, fineSpan] = [100_000, 6 * 3600];
/** Most spans that are read as tiles, each in one request a length of tile; the latest first. */
const maxSpans = 2;
/** Longest time between two of them that is read along, so that they are one: seconds. */
const longestBridge = 12 * 3600;

/**
 * Turns what a store says of blocks into growth between samples over the seconds between them, target by
 * target.
 */
export async function resolveBlocks(
  source: MetricSource,
  request: ResolveRequest,
): Promise<ResolvedBlocks> {
  const { scope, figuresOf, semantics, signal } = request;
  const wanted = figuresOf(scope);
  const groups = groupsOfFigures(wanted);
  const tables = await tablesOfBlocks(request.blocks, wanted);
  const failed: unknown[] = [];
  const orNone = (error: unknown) => {
    signal.throwIfAborted();
    failed.push(error);
    return null;
  };
  const [times, adopted] = await Promise.all([
    readBlockTimes(source, { scope, groups, blocks: tables, signal }).catch(orNone),
    adoptOrphans(source, tables, { scope, semantics, signal }).catch(orNone),
  ]);
  const blocks = adopted?.blocks ?? tables;
  const known: KnownTimes = { times, adopted };
  const figuresOfTile = tileFigures(wanted.counters, semantics);
  const allCut = await mapInTurns(blocks, (block) => cutTargets(block, known, semantics));
  const cut = latestOf(allCut.flat(), maxTileValues / figuresOfTile);
  const spans = fewSpans(unionOf(cut.map(({ block }) => block.range)));
  const isFine = allowsFine(spans, cut, maxFineValues / figuresOfTile);
  const countersOf = (own: Scope) => figuresOf(own).counters;
  const tiles = await Promise.all(
    spans.flatMap((span) => {
      const own = cut.filter(({ block }) => isIn(block.range, span));
      const byLength = groupBy(own, ({ block, target }) =>
        tileLength(span, block.range, target.times, isFine),
      );
      return [...byLength].map(([length, cutBlocks]) => {
        const targets = [...new Set(cutBlocks.map(({ target }) => target))];
        const request = { scope, countersOf, targets, span, length, semantics, signal };
        return readTiles(source, request).catch(orNone);
      });
    }),
  );
  const read = tiles.filter((one) => one !== null);
  const context = { known, tiles: read, isFine, newest: request.newest, semantics };
  const pace = createPace();
  const resolved: ResolvedBlock[] = [];
  for (const block of blocks) {
    const own = new Map<string, readonly TargetBlock[]>();
    for (const [id, targets] of block.targets) {
      const figures = wantedOfGroup(wanted, id);
      const all = [...targets];
      const ofGroup = { ...context, values: new ValueTable(figures.all, all.length) };
      const resolveOne = ([key, presence]: readonly [string, TargetPresence]) =>
        resolve(block, { id, key, presence }, figures, ofGroup);
      own.set(id, await mapInTurns(all, resolveOne, pace));
    }
    resolved.push(own);
  }
  return { blocks: resolved, times, failed };
}

/** At most so many spans as are read: the nearest become one, else the latest remain. */
function fewSpans(spans: readonly TimeRange[]): readonly TimeRange[] {
  if (spans.length <= maxSpans) return spans;
  const between = spans.slice(1).map(({ start }, index) => start - (spans[index]?.end ?? start));
  const shortest = Math.min(...between);
  if (shortest > longestBridge) return spans.slice(-maxSpans);
  return fewSpans(unionOf(spans, shortest));
}

const isIn = (range: TimeRange, { start, end }: TimeRange) =>
  range.start >= start && range.end <= end;

/** Sample times: of a span, and of targets without the reference of their group. */
interface KnownTimes {
  readonly times: BlockTimes | null;
  readonly adopted: AdoptedOrphans | null;
}

/** The sample times of a target, where they were read for all of a block. */
function timesIn(
  { times, adopted }: KnownTimes,
  { range }: BlockTable,
  { id, key }: TargetId,
): SampledTarget | undefined {
  const orphan = adopted?.orphans.get(id)?.get(key);
  if (orphan !== undefined) return range.start >= (adopted?.start ?? NaN) ? orphan : undefined;
  if (times === null || !isIn(range, times.span)) return undefined;
  return times.targets.get(id)?.get(key);
}

/** A target of a block of which the store's growth over the whole does not hold. */
interface CutBlock {
  readonly block: BlockTable;
  readonly target: SampledTarget;
}

/** Whether what the store computed for the whole block holds growth in a gap, or lacks some near zero. */
function isCut(times: SampleTimes, range: TimeRange, semantics: GrowthSemantics): boolean {
  const { count, hasGap, isBeginning } = times.within(range);
  return count > 1 && (hasGap || (isBeginning && semantics === 'extrapolated'));
}

function cutTargets(block: BlockTable, known: KnownTimes, semantics: GrowthSemantics): CutBlock[] {
  return [...block.targets].flatMap(([id, targets]) =>
    [...targets].flatMap(([key]) => {
      const target = timesIn(known, block, { id, key });
      if (target === undefined || !isCut(target.times, block.range, semantics)) return [];
      return [{ block, target }];
    }),
  );
}

/** Those of the latest blocks, in which there are no more tiles of targets than these. */
function latestOf(cut: readonly CutBlock[], tiles: number): CutBlock[] {
  const byBlock = groupBy(cut, ({ block }) => block);
  const latestFirst = [...byBlock].sort(([a], [b]) => b.range.end - a.range.end);
  let left = tiles;
  const kept = latestFirst.filter(([{ range }, own]) => {
    for (const { target } of own) left -= tilesIn(range, target.times);
    return left >= 0;
  });
  return kept.flatMap(([, own]) => own);
}

/** Whether tiles may be fine: there is one short span, and no more of them than these. */
function allowsFine(spans: readonly TimeRange[], cut: readonly CutBlock[], tiles: number): boolean {
  const [span, second] = spans;
  if (span === undefined || second !== undefined || span.end - span.start > fineSpan) return false;
  const count = cut.reduce((sum, { target }) => sum + tilesIn(span, target.times, true), 0);
  return count <= tiles;
}

/** The figures of the targets of one group. */
interface WantedOfGroup {
  readonly gauges: readonly string[];
  readonly counters: readonly string[];
  readonly all: readonly string[];
}

function wantedOfGroup(wanted: TargetFigures, id: string): WantedOfGroup {
  const own = (figures: TargetFigures['counters'] | TargetFigures['gauges']) =>
    figures.filter(({ group }) => group.id === id).map(({ figure }) => figure);
  const [gauges, counters] = [own(wanted.gauges), own(wanted.counters)];
  return { gauges, counters, all: [...gauges, ...counters] };
}

interface Context extends Pick<ResolveRequest, 'newest' | 'semantics'> {
  readonly known: KnownTimes;
  readonly tiles: readonly Tiles[];
  readonly isFine: boolean;
}

function resolve(
  block: BlockTable,
  target: TargetId & { presence: TargetPresence },
  wanted: WantedOfGroup,
  context: Context & { readonly values: ValueTable },
): TargetBlock {
  const { range } = block;
  const { id, key, presence } = target;
  const { metric, count } = presence;
  const { semantics, tiles, isFine } = context;
  const grownOf = (figure: string) => block.values.get(figure)?.get(key);
  const valuesOf = (counterOf: (figure: string) => number | null | undefined) =>
    context.values.add((figure) =>
      wanted.gauges.includes(figure) ? grownOf(figure) : counterOf(figure),
    );

  const sampled = timesIn(context.known, block, target);
  if (sampled === undefined) {
    const newest = context.newest.get(id)?.get(key)?.times;
    const { runs, seconds } = withoutTimes(range, presence, newest);
    const values = valuesOf((figure) => {
      const grown = grownOf(figure);
      return grown === undefined || seconds <= 0 ? null : grown / seconds;
    });
    const interval = (range.end - range.start) / count;
    return { metric, range, runs, present: runs, interval, count, values };
  }
  const { times } = sampled;
  const near = isCut(times, range, semantics) ? tiles.filter(({ span }) => isIn(range, span)) : [];
  const length = near[0] && tileLength(near[0].span, range, times, isFine);
  const own = near.find((one) => one.length === length);
  const within = times.within(range);
  const values = valuesOf((figure) => {
    const about = { key, times, block: range };
    const mean = own && meanOfTiles(own, figure, about, semantics);
    // What grew in a gap says nothing of the time beside it.
    const isUnknown = own && within.hasGap && mean === null;
    return isUnknown ? null : (mean ?? perSecond(grownOf(figure), within, range, semantics));
  });
  const interval = times.interval ?? longestGap;
  const runs = times.runs(range);
  const present = 4 * interval <= longestGap ? runs : times.runs(range, 4 * interval);
  return { metric, range, runs, present, interval, count: within.count, values };
}

const lists = new WeakMap<TimeRange, readonly TimeRange[]>();

/** A range as a list, the same for all who were there all along: of the targets of a month there are many. */
function allOf(range: TimeRange): readonly TimeRange[] {
  const list = lists.get(range) ?? [range];
  lists.set(range, list);
  return list;
}

/**
 * Where a target was in a block, by the looks alone, and the seconds over which the store's growth is spread.
 * One that was there all along grew over the whole block: Prometheus extrapolates to its ends.
 */
function withoutTimes(
  range: TimeRange,
  { count, seen, first, last }: TargetPresence,
  newest: SampleTimes | undefined,
): { runs: readonly TimeRange[]; seconds: number } {
  const { start, end } = range;
  const length = end - start - openEdge;
  const newestTime = newest?.times.findLast((time) => time <= end) ?? end;
  const mean = length / count;
  const age = end - newestTime;
  const isOld = age > 1.1 * mean && age <= longestGap;
  const whole = isOld ? [{ start, end: newestTime }] : allOf(range);
  if (first !== undefined && last !== undefined) {
    const runs = seen >= 1 ? whole : last > first ? [{ start: first, end: last }] : [];
    return { runs, seconds: last - first };
  }
  if (seen >= 1) return { runs: whole, seconds: isOld ? length - age + mean / 2 : length };
  // Each end of what was seen lies within the reach of a look.
  const { reach } = lookAt(end - start);
  const covered = Math.max(0, seen * length - reach / 2);
  return {
    runs: covered > 0 ? [{ start, end: start + covered }] : [],
    seconds: covered + covered / Math.max(1, count),
  };
}
