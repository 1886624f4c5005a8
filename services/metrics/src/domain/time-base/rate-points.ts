import type { MetricSource, Points, RangeRow } from '../../ports.js';
import { mergeFigures, splitRangeRows, type RangeFigures } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { applied, type CounterFigure } from './counter-figure.js';
import { perSecond, rangeOf, type GrowthSemantics } from './growth.js';
import { narrowTo } from './narrow.js';
import { rateWindowFor, rateWindows } from './rate-window.js';
import type { SampledTarget, SampledTargets } from './read-samples.js';
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

/**
 * Reads rates at each point, each target's over the window that fits its samples: in one request, and one more
 * where targets are sampled less often than every 75 s. A point is exact where the samples before it are known;
 * elsewhere it is what the store says, too low only where a target came or went within the window.
 */
export async function readRatePoints(
  source: Pick<MetricSource, 'queryRange'>,
  { scope, figuresOf, points, known, semantics, signal }: RatePointsRequest,
): Promise<{ figures: RangeFigures; sent: number }> {
  const found = (id: string, key: string) =>
    known.flatMap(({ targets, start }) => {
      const target = targets.get(id)?.get(key);
      return target === undefined ? [] : [{ ...target, start }];
    })[0];
  const windowOf = (target: SampledTarget | undefined) =>
    rateWindowFor(target?.times.interval ?? 0);
  const [shortest] = rateWindows;
  const figures = figuresOf(scope);
  const slow = figures.flatMap(({ group: { id } }) =>
    known
      .flatMap(({ targets }) => [...(targets.get(id)?.values() ?? [])])
      .filter((target) => windowOf(target) > shortest),
  );
  const read = async (own: readonly CounterFigure[], seconds: number) => {
    const rates = applied(
      own,
      (name) => name,
      (selected) => `rate(${selected}${rangeOf(seconds)})`,
    );
    const { series } = await source.queryRange(mergeFigures(rates), points, signal);
    return [seconds, splitRangeRows(series, rates)] as const;
  };
  const wide = [...new Set(slow.map(windowOf))];
  const narrowed = wide.length === 0 ? [] : figuresOf(narrowTo(scope, slow, figures.length));
  const answers = new Map(
    await Promise.all([
      ...(figures.length === 0 ? [] : [read(figures, shortest)]),
      ...wide.map((seconds) => read(narrowed, seconds)),
    ]),
  );
  const rows = figures.map(({ figure, group }) => {
    const keyOf = targetKeyOf(group);
    const own = [...answers].flatMap(([seconds, byFigure]) =>
      (byFigure.get(figure) ?? []).flatMap((row) => {
        const target = found(group.id, keyOf(row.metric));
        if (windowOf(target) !== seconds) return [];
        return [exact(row, target, seconds, semantics)];
      }),
    );
    return [figure, own] as const;
  });
  return { figures: new Map(rows), sent: answers.size };
}

/** A row as growth between samples, where they are known. */
function exact(
  row: RangeRow,
  target: (SampledTarget & { readonly start: number }) | undefined,
  seconds: number,
  semantics: GrowthSemantics,
): RangeRow {
  if (target === undefined || semantics === 'between samples') return row;
  const { times, start } = target;
  const values = row.values.map((value, index) => {
    const end = row.times[index] ?? NaN;
    const range = { start: end - seconds, end };
    if (range.start < start) return value;
    return perSecond(value * seconds, times.within(range), range, semantics) ?? NaN;
  });
  return { ...row, values };
}
