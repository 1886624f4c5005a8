import type { MetricSource, Points, RangeRow } from '../../ports.js';
import type { Figure, RangeFigures } from '../promql/figure.js';
import { queryRangeFigures } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import { applied, groupsOf, type CounterFigure } from './counter-figure.js';
import {
  grownIn,
  nearZeroFigures,
  openEdge,
  perSecond,
  rangeOf,
  type GrowthSemantics,
} from './growth.js';
import { createPace, eachInTurns } from '../turns/pace.js';
import { narrowTo } from './narrow.js';
import { rateWindowFor, rateWindows } from './rate-window.js';
import type { SampledTarget, SampledTargets } from './read-samples.js';
import { longestGap } from './sample-times.js';
import { targetKeyOf } from './target-group.js';

/** Samples of targets, complete in a span. */
export interface KnownTargets {
  readonly targets: SampledTargets;
  /** Unix seconds. */
  readonly start: number;
}

export interface RatePointsRequest {
  readonly scope: Scope;
  readonly figuresOf: (scope: Scope) => readonly CounterFigure[];
  readonly points: Points;
  /** What is known of the samples: the better first. */
  readonly known: readonly KnownTargets[];
  readonly semantics: GrowthSemantics;
  readonly signal: AbortSignal;
}

/** A target whose samples are known from `start` on. */
type KnownTarget = SampledTarget & { readonly start: number };

const [shortest] = rateWindows;
const windowOf = (target: SampledTarget | undefined) => rateWindowFor(target?.times.interval ?? 0);

/**
 * Reads rates at each point, each target's over the window that fits its samples: in one request, and up to
 * two more where targets are sampled less often than every 75 s. A point is exact where the
 * samples before it are known; elsewhere it is what the store says, too low only where a target came or went
 * within the window.
 */
export async function readRatePoints(
  source: Pick<MetricSource, 'queryRange'>,
  { scope, figuresOf, points, known, semantics, signal }: RatePointsRequest,
): Promise<{ figures: RangeFigures; sent: number }> {
  const figures = figuresOf(scope);
  if (figures.length === 0) return { figures: new Map(), sent: 0 };
  const targets = groupsOf(figures).flatMap(({ id }) =>
    [...knownTargets(id, known)].map(([key, target]) => ({ id, key, target })),
  );
  let sent = 0;
  const read = async (asked: readonly Figure[]) => {
    sent += 1;
    return (await queryRangeFigures(source, asked, { points, signal })).figures;
  };
  const rate = (seconds: number) => (selected: string) => `rate(${selected}${rangeOf(seconds)})`;
  const narrowed = (own: typeof targets, times: number) =>
    figuresOf(
      narrowTo(
        scope,
        own.map(({ target }) => target),
        times * figures.length,
      ),
    );
  const windows = [...new Set([shortest, ...targets.map(({ target }) => windowOf(target))])];
  const answers = windows.map(async (seconds) => {
    const own = targets.filter(({ target }) => windowOf(target) === seconds);
    const isUsual = seconds === shortest;
    const young = own.filter(({ target }) => begins(target, points, seconds));
    const isPlain = young.length === 0 || semantics === 'between samples';
    const rates = await read([
      ...applied(isUsual ? figures : narrowed(own, 1), (name) => name, rate(seconds)),
      ...(isPlain ? [] : nearZeroFigures(narrowed(young, 2), (name) => name, seconds)),
    ]);
    return { seconds, rates };
  });
  const found = await Promise.all(answers);
  const rows = new Map<string, RangeRow[]>();
  const pace = createPace();
  for (const { figure, group } of figures) {
    const keyOf = targetKeyOf(group);
    const own = new Map(targets.filter(({ id }) => id === group.id).map((one) => [one.key, one]));
    const all: RangeRow[] = [];
    for (const { seconds, rates } of found) {
      const byTarget = (name: string) =>
        new Map(
          (rates.get(`${figure}:${name}`) ?? []).map((row) => [keyOf(row.metric), row] as const),
        );
      const [deltas, resets] = [byTarget('delta'), byTarget('resets')];
      const add = (row: RangeRow) => {
        const key = keyOf(row.metric);
        const target = own.get(key)?.target;
        if (windowOf(target) !== seconds) return;
        const isKnown = target !== undefined && semantics !== 'between samples';
        const others = { delta: deltas.get(key), resets: resets.get(key) };
        all.push(isKnown ? exact({ row, ...others }, target, seconds) : row);
      };
      await eachInTurns(rates.get(figure) ?? [], add, pace);
    }
    rows.set(figure, all);
  }
  return { figures: rows, sent };
}

/** The targets of a group, each by the first that knows it. */
function knownTargets(id: string, known: readonly KnownTargets[]): Map<string, KnownTarget> {
  const found = new Map<string, KnownTarget>();
  for (const { targets, start } of known)
    for (const [key, target] of targets.get(id) ?? [])
      if (!found.has(key)) found.set(key, { ...target, start });
  return found;
}

/** Whether a target begins so that some point's window has its first samples. */
function begins({ times, start }: KnownTarget, points: Points, seconds: number): boolean {
  const range = { start: Math.max(start, points.start - seconds), end: points.end };
  const { first, isBeginning, hasGap } = times.within(range);
  return hasGap || (isBeginning && first - start > longestGap);
}

interface RowsOfTarget {
  readonly row: RangeRow;
  readonly delta: RangeRow | undefined;
  readonly resets: RangeRow | undefined;
}

/** A row as growth between samples, where they are known. */
function exact(
  { row, delta, resets }: RowsOfTarget,
  { times, start }: KnownTarget,
  seconds: number,
): RangeRow {
  const values = row.values.map((value, index) => {
    const end = row.times[index] ?? NaN;
    const range = { start: end - seconds, end };
    if (range.start < start) return value;
    const samples = times.within(range);
    const at = (other: RangeRow | undefined) => other?.values[other.times.indexOf(end)];
    const increase = value * (seconds - openEdge);
    const grown = grownIn(samples, { increase, delta: at(delta), resets: at(resets) });
    return perSecond(grown, samples, range, 'extrapolated') ?? NaN;
  });
  return { ...row, values };
}
