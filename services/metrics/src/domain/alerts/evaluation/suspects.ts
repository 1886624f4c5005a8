import { alertMetrics, type AlertThresholds, type ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import type { ListedNames } from '../../promql/expression-limit.js';
import { queryFigures } from '../../promql/queries.js';
import { leftOpenRange } from '../../promql/range-selector.js';
import type { Scope } from '../../promql/scope.js';
import type { AlertMetric } from '../record.js';
import { maximumOf } from '../rules/recorded-maxima.js';
import { levelsOf } from '../rules/thresholds.js';

/** How old a recorded value may be (ms): three evaluations of the rules. */
const freshMs = 180_000;

/** What is recorded may be a minute old, so what comes near a threshold is looked at. */
const near = 0.9;

/** How often the expression names its clusters. */
export const namesInMaxima: ListedNames = { occurrences: alertMetrics.length, rest: 1_000 };

/**
 * Tells by recorded maxima which clusters may have nodes at a threshold: of the others no node needs to be read.
 * Those that the rules do not speak of may, and all of them where the rules do not speak of each metric.
 * Throws what the store throws.
 */
export async function readSuspects(
  source: Pick<MetricSource, 'query'>,
  request: {
    readonly scopes: readonly Scope[];
    readonly thresholdsOf: (cluster: ClusterId) => AlertThresholds;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<(cluster: ClusterId) => boolean> {
  const { scopes, thresholdsOf, at, signal } = request;
  const clusterOf = createClusterOf();
  const maxima = new Map<ClusterId, Map<AlertMetric, number>>();
  const recorded = new Set<AlertMetric>();
  for (const scope of scopes) {
    const latest = (metric: AlertMetric) =>
      `last_over_time(${scope.select(maximumOf(metric))}${leftOpenRange(freshMs)})`;
    const wanted = alertMetrics.map((metric) => ({ figure: metric, expr: latest(metric) }));
    const { figures } = await queryFigures(source, wanted, { at, signal });
    for (const metric of alertMetrics) {
      for (const { metric: labels, value } of figures.get(metric) ?? []) {
        const cluster = clusterOf(labels);
        if (cluster === null) continue;
        recorded.add(metric);
        const own = maxima.get(cluster) ?? new Map<AlertMetric, number>();
        maxima.set(cluster, own.set(metric, Math.max(value, own.get(metric) ?? value)));
      }
    }
  }
  if (recorded.size < alertMetrics.length) return () => true;
  return (cluster) => {
    const own = maxima.get(cluster);
    if (own === undefined) return true;
    const thresholds = thresholdsOf(cluster);
    return [...own].some(([metric, value]) => {
      const [lowest] = levelsOf(metric, thresholds);
      return lowest !== undefined && value >= near * lowest.threshold;
    });
  };
}
