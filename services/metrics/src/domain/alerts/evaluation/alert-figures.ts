import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../../ports.js';
import { newestSample } from '../../metrics/fleet-expressions.js';
import { createClusterOf, type ClusterOf } from '../../promql/cluster-label.js';
import type { Figure, Figures } from '../../promql/figure.js';
import { queryFigures } from '../../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../../promql/scope.js';
import { ingestionDelayMs, type FleetIntervals } from '../../targets/fleet-intervals.js';
import type { AlertMetric } from '../record.js';
import { alertExpressions } from '../rules/expressions.js';

/** A value of each subject of each cluster. */
export type Values = ReadonlyMap<ClusterId, ReadonlyMap<string, number>>;

/** The figures of the whole fleet, by metric; one that could not be read is missing. */
export type AlertFigures = ReadonlyMap<AlertMetric, Values>;

export interface FiguresRequest {
  readonly settings: ScopeSettings;
  readonly intervals: FleetIntervals;
  /** Unix seconds. */
  readonly at: number;
  readonly signal: AbortSignal;
  /** Called before each request; an error it throws is passed on. */
  readonly before: () => Promise<void>;
  /** Called with what could not be read. */
  readonly onFailure: (group: string, error: unknown) => void;
}

/**
 * Reads the whole fleet in five requests, one after the other: an answer may have a row for each of many
 * thousand nodes, and one of them at a time is enough in memory.
 */
export async function readAlertFigures(
  source: MetricSource,
  request: FiguresRequest,
): Promise<AlertFigures> {
  const { settings, intervals, at, signal, before, onFailure } = request;
  const scope = fleetScope(settings);
  const clusterOf = createClusterOf();
  const found = new Map<AlertMetric, Values>();

  async function read<T>(
    group: string,
    figures: readonly Figure[],
    take: (figures: Figures) => T,
  ): Promise<T | null> {
    await before();
    try {
      return take((await queryFigures(source, figures, { at, signal })).figures);
    } catch (error) {
      signal.throwIfAborted();
      onFailure(group, error);
      return null;
    }
  }

  const newest = await read('nodes', [{ figure: 'heard', expr: newestSample(scope) }], (figures) =>
    valuesOf(figures.get('heard'), 'instance', clusterOf),
  );
  if (newest !== null) {
    /** The rate of a node that went silent is too low, and is not used. */
    const isFresh = (cluster: ClusterId, instance: string) => {
      const last = newest.get(cluster)?.get(instance) ?? -Infinity;
      return (at - last) * 1000 <= ingestionDelayMs + 1.1 * intervals.intervalMs(cluster);
    };
    for (const metric of ['cpu_usage', 'network_errors'] as const) {
      const figures = intervals.rateWindows.map(({ name, clusters, rateOf }) => ({
        figure: name,
        expr: alertExpressions[metric](fleetScope(settings, clusters), rateOf),
      }));
      const values = await read(metric, figures, (rows) => {
        const all = new Map<ClusterId, Map<string, number>>();
        for (const { name } of intervals.rateWindows) {
          const isOwn = (cluster: ClusterId, instance: string) =>
            intervals.rateWindowOf(cluster) === name && isFresh(cluster, instance);
          valuesOf(rows.get(name), 'instance', clusterOf, isOwn, all);
        }
        return all;
      });
      if (values !== null) found.set(metric, values);
    }
  }
  await read(
    'memory_usage, disk_usage',
    (['memory_usage', 'disk_usage'] as const).map((metric) => ({
      figure: metric,
      expr: alertExpressions[metric](scope),
    })),
    (figures) => {
      for (const metric of ['memory_usage', 'disk_usage'] as const)
        found.set(metric, valuesOf(figures.get(metric), 'instance', clusterOf));
    },
  );
  await read(
    'node_not_ready',
    [{ figure: 'unready', expr: alertExpressions.node_not_ready(scope) }],
    (figures) => {
      found.set('node_not_ready', valuesOf(figures.get('unready'), 'node', clusterOf));
    },
  );
  return found;
}

function valuesOf(
  rows: readonly Row[] | undefined,
  label: string,
  clusterOf: ClusterOf,
  counts: (cluster: ClusterId, subject: string) => boolean = () => true,
  into = new Map<ClusterId, Map<string, number>>(),
): Values {
  for (const { metric, value } of rows ?? []) {
    const cluster = clusterOf(metric);
    const subject = metric[label] ?? '';
    if (cluster === null || subject === '' || !counts(cluster, subject)) continue;
    const own = into.get(cluster);
    if (own === undefined) into.set(cluster, new Map([[subject, value]]));
    else own.set(subject, value);
  }
  return into;
}
