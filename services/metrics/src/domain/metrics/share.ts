import type { MetricFields } from '@bud-monitoring/contracts';
import type { FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { InstantReading } from '../targets/instant-reading.js';
import type { RangeAggregation } from '../targets/range-aggregation.js';
import { gib, round } from '../units.js';
import { byteBounds, isBeyond, percentBounds, percentOf, plausible } from '../bounds.js';
import type { NodeMetric, Quantity } from './types.js';

/** Makes an expression per instance of one metric of the store. */
type Reader = (name: string) => string;

export interface ShareSource {
  readonly id: 'memory' | 'storage';
  readonly metricNames: readonly string[];
  /** Everything there is, and what of it is free, from whatever the cluster has. */
  total(scope: Scope, read: Reader): string;
  free(scope: Scope, read: Reader): string;
  select(scope: Scope, name: string): string;
  /** Adds up the samples of a range by instance. */
  sum(expr: string): string;
}

/** A share of something that has a size: `used = total - free`, compared by percent used. */
export function shareMetric(source: ShareSource): NodeMetric<'memory' | 'storage'> {
  const { id } = source;
  const latest = (scope: Scope, at: InstantReading): Reader => {
    return (name) => `max by (instance) (${at.latest(source.select(scope, name))})`;
  };
  const sums = (scope: Scope, { rangeSelector }: RangeAggregation): Reader => {
    return (name) => source.sum(`sum_over_time(${source.select(scope, name)}${rangeSelector})`);
  };
  const quantity: Quantity = {
    id,
    metricNames: source.metricNames,
    counters: () => [],
    instant(scope, instant) {
      const read = latest(scope, instant);
      return [
        { figure: `${id}:total`, expr: source.total(scope, read) },
        { figure: `${id}:free`, expr: source.free(scope, read) },
      ];
    },
    mean(scope, aggregation) {
      const read = sums(scope, aggregation);
      const { rangeSelector } = aggregation;
      const size: Reader = (name) =>
        `max by (instance) (avg_over_time(${source.select(scope, name)}${rangeSelector}))`;
      return [
        { figure: `${id}:total`, expr: source.total(scope, read) },
        { figure: `${id}:free`, expr: source.free(scope, read) },
        { figure: `${id}:weight`, expr: source.total(scope, size) },
      ];
    },
    meanOf(read) {
      const [total, free] = [read(`${id}:total`), read(`${id}:free`)];
      return total === null || free === null ? null : percentOf(total - free, total);
    },
    weightOf: (read) => read(`${id}:weight`),
    points(scope, at) {
      return quantity.instant(scope, at);
    },
  };
  return {
    name: id,
    quantities: [quantity],
    kind: 'share',
    figures: [`${id}:total`, `${id}:free`],
    weight: `${id}:total`,
    bounds: percentBounds,
    implausible(read) {
      const usage = percentUsed(read(`${id}:total`), read(`${id}:free`));
      return isBeyond(usage, percentBounds) ? [`${id}:free`] : [];
    },
    main: 'usage_percent',
    fields: (read) => shareFields(read, id),
  };
}

function shareFields(
  read: FigureReader,
  id: string,
): Omit<MetricFields<'memory'>, 'average' | 'previous_average' | 'change_percent'> {
  const size = read(`${id}:total`);
  const total = size === null || size <= 0 ? null : plausible(size, byteBounds);
  const usage = percentUsed(total, read(`${id}:free`));
  const percent = usage === null ? null : plausible(usage, percentBounds);
  const used = total === null || percent === null ? null : (total * percent) / 100;
  return {
    total_gib: round(total === null ? null : total / gib),
    used_gib: round(used === null ? null : used / gib),
    available_gib: round(total === null || used === null ? null : (total - used) / gib),
    usage_percent: round(percent),
  };
}

/** Percent of the total that is not free; NaN where the total cannot be. */
function percentUsed(total: number | null, free: number | null): number | null {
  if (total === null || free === null) return null;
  return plausible(total, byteBounds) === null ? NaN : percentOf(total - free, total);
}
