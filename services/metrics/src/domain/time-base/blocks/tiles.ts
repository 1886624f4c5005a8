import type { MetricSource, RangeRow } from '../../../ports.js';
import { valueAt } from '../../promql/figures-at.js';
import { queryRangeFigures } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import type { TimeRange } from '../../time/time-range.js';
import { applied, type CounterFigure } from '../counter-figure.js';
import {
  grownIn,
  increaseOver,
  nearZeroFigures,
  nearZeroNames,
  openEdge,
  perSecond,
  type ComputedGrowth,
  type GrowthSemantics,
} from '../growth.js';
import { narrowTo } from '../narrow.js';
import type { SampledTarget } from '../read-samples.js';
import type { SampleTimes } from '../sample-times.js';
import { clip } from './target-block.js';
import { targetKeyOf } from '../target-group.js';
import { reaches, tilePoints } from './tile-length.js';

/** How many values a tile of these counters has. */
export function tileFigures(
  counters: readonly CounterFigure[],
  semantics: GrowthSemantics,
): number {
  return counters.length * (semantics === 'extrapolated' ? 1 + nearZeroNames.length : 1);
}

/** Growth in tiles, by the end of each. */
export interface Tiles {
  readonly span: TimeRange;
  /** Seconds of a tile. */
  readonly length: number;
  /** What the store computed of a figure of a target in each tile, with the end of it. */
  computed(figure: string, key: string): readonly (readonly [end: number, ComputedGrowth])[];
}

/** Reads the tiles of some targets in a span, all of one length, in one request. */
export async function readTiles(
  source: Pick<MetricSource, 'queryRange'>,
  request: {
    readonly scope: Scope;
    readonly countersOf: (scope: Scope) => readonly CounterFigure[];
    readonly targets: readonly SampledTarget[];
    readonly span: TimeRange;
    /** Seconds of a tile. */
    readonly length: number;
    readonly semantics: GrowthSemantics;
    readonly signal: AbortSignal;
  },
): Promise<Tiles> {
  const { scope, countersOf, targets, span, length, semantics, signal } = request;
  const counters = countersOf(narrowTo(scope, targets, 3 * countersOf(scope).length));
  const figures = [
    ...applied(counters, (figure) => figure, increaseOver(length, semantics)),
    ...(semantics === 'extrapolated' ? nearZeroFigures(counters, (figure) => figure, length) : []),
  ];
  const points = tilePoints(span, length);
  const tables = new Map<string, ReadonlyMap<string, RangeRow>>();
  const { figures: rows } = await queryRangeFigures(source, figures, { points, signal });
  for (const { figure, group } of counters) {
    const keyOf = targetKeyOf(group);
    for (const name of [figure, `${figure}:delta`, `${figure}:resets`]) {
      const own = rows.get(name) ?? [];
      tables.set(name, new Map(own.map((row) => [keyOf(row.metric), row])));
    }
  }
  return {
    span,
    length,
    computed(figure, key) {
      const of = (name: string) => tables.get(name)?.get(key);
      const [grown, delta, resets] = [of(figure), of(`${figure}:delta`), of(`${figure}:resets`)];
      return (grown?.times ?? []).map((end, index) => {
        const at = (row: RangeRow | undefined) => row && valueAt(row, end);
        const computed = { increase: grown?.values[index], delta: at(delta), resets: at(resets) };
        return [end, computed] as const;
      });
    },
  };
}

/** The mean of a tile, per second, from its first sample to its last. */
interface Mean {
  readonly end: number;
  readonly first: number;
  readonly last: number;
  readonly value: number;
  /** Holds a restart, which hides growth, as far as is known. */
  readonly isReset: boolean;
  /** Whether the store may have told something else of these samples. */
  readonly isUnsure: boolean;
}

/** Growth per second of a target over its runs in a block, from tiles; `null` where no tile says anything. */
export function meanOfTiles(
  tiles: Tiles,
  figure: string,
  { key, times, block }: { key: string; times: SampleTimes; block: TimeRange },
  semantics: GrowthSemantics,
): number | null {
  const { length } = tiles;
  const rangeAt = (end: number) => ({ start: end - length, end });
  const all = tiles.computed(figure, key).flatMap(([end, growth]): Mean[] => {
    if (!reaches(rangeAt(end), block)) return [];
    const samples = times.within(rangeAt(end));
    const grown = grownIn(samples, growth);
    const mean = samples.hasGap ? null : perSecond(grown, samples, rangeAt(end), semantics);
    const isReset = (growth.resets ?? 0) > 0;
    // Of a counter that begins near zero and is reset as well the store tells too little, and whether a sample at
    // the very edge counts is another matter in each version of Prometheus.
    const isBeginning = isReset && samples.isBeginning;
    const isUnsure = isBeginning || samples.first - (end - length) < 2 * openEdge;
    // One with a sample that is no number says nothing.
    return mean === null || !Number.isFinite(mean)
      ? []
      : [{ end, first: samples.first, last: samples.last, value: mean, isReset, isUnsure }];
  });
  const means = preferring(all, ({ isUnsure }) => !isUnsure);
  if (means.length === 0) return null;
  // Tiles that do not overlap, from the end of the block on; where a gap is in one, those beside it.
  const isInChain = ({ end }: Mean) => {
    const place = (block.end - end) / length;
    return Math.abs(place - Math.round(place)) < 1e-6;
  };
  let chain = means.filter(isInChain);
  for (const mean of means) {
    const overlapped = chain.filter((one) => one.first < mean.last && mean.first < one.last);
    if (!overlapped.every((one) => tellsAll(mean, one))) continue;
    chain = [...chain.filter((one) => !overlapped.includes(one)), mean];
  }
  let growth = 0;
  let seconds = 0;
  const add = (value: number, { start, end }: TimeRange) => {
    growth += value * (end - start);
    seconds += end - start;
  };
  // Of one that reaches beyond the block, what lies in it.
  for (const { value, first, last } of chain)
    for (const own of clip([{ start: first, end: last }], block)) add(value, own);
  if (seconds === 0) return null;
  const average = growth / seconds;
  // What none of them holds, between two or at an edge, lies on the line through the nearest tiles.
  const near = preferring(means, ({ isReset }) => !isReset);
  for (const run of times.runs(block))
    for (const rest of outside(run, chain)) add(lineAt(near, middleOf(rest), average), rest);
  return growth / seconds;
}

/** Whether a mean is of all that another is of, and as good. */
const tellsAll = (mean: Mean, { first, last, isReset }: Mean) =>
  mean.first <= first && last <= mean.last && (isReset || !mean.isReset);

/** Those that are good, or all where none is. */
function preferring(means: readonly Mean[], isGood: (mean: Mean) => boolean): readonly Mean[] {
  const good = means.filter(isGood);
  return good.length > 0 ? good : means;
}

function outside(run: TimeRange, chain: readonly Mean[]): TimeRange[] {
  let from = run.start;
  const rest: TimeRange[] = [];
  for (const { first, last } of [...chain].sort((a, b) => a.first - b.first)) {
    rest.push(...clip([{ start: from, end: first }], run));
    from = Math.max(from, last);
  }
  return [...rest, ...clip([{ start: from, end: run.end }], run)];
}

const middleOf = ({ start, end }: TimeRange) => (start + end) / 2;

/** So many of the nearest means tell a line: one of them may hold a restart that nobody told of. */
const nearest = 5;

/** The value at a time on the line through the nearest means (Theil-Sen), neither below zero nor beyond twice the highest. */
function lineAt(means: readonly Mean[], time: number, average: number): number {
  const points = means
    .map(({ first, last, value }) => ({ after: (first + last) / 2 - time, value }))
    .sort((a, b) => Math.abs(a.after) - Math.abs(b.after))
    .slice(0, nearest);
  const slopes = points.flatMap((one, index) =>
    points
      .slice(index + 1)
      .filter(({ after }) => Math.abs(after - one.after) > 30)
      .map((other) => (other.value - one.value) / (other.after - one.after)),
  );
  const slope = median(slopes) ?? 0;
  const value = median(points.map((point) => point.value - slope * point.after)) ?? average;
  const highest = 2 * Math.max(average, ...points.map((point) => point.value));
  return Math.min(Math.max(value, 0), highest);
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
