import type { MetricFields } from '@bud-monitoring/contracts';
import type { FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { gib, round } from '../units.js';
import { byteBounds, isBeyond, percentBounds, percentOf, plausible } from '../bounds.js';
import type { NodeMetric, Quantity } from './types.js';

/** How gauges are read, at an instant or over a range. */
export interface GaugeReading {
  /** One value an instance, of the selected series that `and` leaves. */
  readonly perInstance: (selected: string, and?: string) => string;
  /** The newest value of each series. */
  readonly latest: (selected: string) => string;
}

export interface ShareSource {
  readonly id: 'memory' | 'storage';
  readonly metricNames: readonly string[];
  /** Everything there is, and what of it is free, from whatever the cluster has. */
  total(scope: Scope, reading: GaugeReading): string;
  free(scope: Scope, reading: GaugeReading): string;
  /** Adds up the samples of a range by instance. */
  sum(expr: string): string;
}

/** A share of something that has a size: `used = total - free`, compared by percent used. */
export function shareMetric(source: ShareSource): NodeMetric<'memory' | 'storage'> {
  const { id } = source;
  const quantity: Quantity = {
    id,
    metricNames: source.metricNames,
    counters: () => [],
    instant(scope, { latest }) {
      const reading: GaugeReading = {
        perInstance: (selected, and = '') => `max by (instance) (${latest(selected)}${and})`,
        latest,
      };
      return [
        { figure: `${id}:total`, expr: source.total(scope, reading) },
        { figure: `${id}:free`, expr: source.free(scope, reading) },
      ];
    },
    mean(scope, { samples, sum }) {
      const latest = (selected: string) => `last_over_time(${samples(selected)})`;
      const sums: GaugeReading = {
        perInstance: (selected, and = '') => source.sum(`${sum(selected)}${and}`),
        latest,
      };
      const sizes: GaugeReading = {
        perInstance: (selected, and = '') =>
          `max by (instance) (avg_over_time(${samples(selected)})${and})`,
        latest,
      };
      return [
        { figure: `${id}:total`, expr: source.total(scope, sums) },
        { figure: `${id}:free`, expr: source.free(scope, sums) },
        { figure: `${id}:weight`, expr: source.total(scope, sizes) },
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
