import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../../ports.js';
import { createClusterOf, type ClusterOf } from '../../promql/cluster-label.js';
import {
  allCores,
  busyCores,
  errorsPerMinute,
  newestSample,
  memoryFree,
  memoryTotal,
  nodeReady,
  storageFree,
  storageTotal,
  usage,
} from '../../metrics/fleet-expressions.js';
import {
  ingestionDelayMs,
  type FleetIntervals,
  type RateWindow,
} from '../../targets/fleet-intervals.js';
import { queryFigures } from '../../promql/queries.js';
import type { Figure, Figures } from '../../promql/figure.js';
import { fleetScope, type Scope, type ScopeSettings } from '../../promql/scope.js';
import type { AlertMetric } from '../record.js';

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

  const heard = await read('nodes', [{ figure: 'heard', expr: newestSample(scope) }], (figures) =>
    valuesOf(figures.get('heard'), 'instance', clusterOf),
  );
  if (heard !== null) {
    /** The rate of a node that went silent is too low, and is not used. */
    const isFresh = (cluster: ClusterId, instance: string) => {
      const last = heard.get(cluster)?.get(instance) ?? -Infinity;
      return (at - last) * 1000 <= ingestionDelayMs + 1.1 * intervals.intervalMs(cluster);
    };
    const readRates = async (
      metric: AlertMetric,
      expr: (window: RateWindow, own: Scope) => string,
    ) => {
      const figures = intervals.rateWindows.map((window) => ({
        figure: window.name,
        expr: expr(window, fleetScope(settings, window.clusters)),
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
    };
    await readRates(
      'cpu_usage',
      ({ rateOf }, own) => `100 * ${busyCores(own, rateOf)} / ${allCores(own)}`,
    );
    await readRates('network_errors', ({ rateOf }, own) => errorsPerMinute(own, rateOf));
  }
  await read(
    'memory_usage, disk_usage',
    [
      { figure: 'memory_usage', expr: usage(memoryTotal(scope), memoryFree(scope)) },
      { figure: 'disk_usage', expr: usage(storageTotal(scope), storageFree(scope)) },
    ],
    (figures) => {
      for (const metric of ['memory_usage', 'disk_usage'] as const)
        found.set(metric, valuesOf(figures.get(metric), 'instance', clusterOf));
    },
  );
  await read(
    'node_not_ready',
    [{ figure: 'unready', expr: `1 - ${nodeReady(scope)}` }],
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
