import { alertMetrics, type ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource, Row } from '../../../ports.js';
import { percentBounds, plausible } from '../../bounds.js';
import { busyFigure } from '../../metrics/cpu.js';
import { allCores, storageFree, storageTotal } from '../../metrics/fleet-expressions.js';
import { errorFigures, networkErrors } from '../../metrics/network.js';
import { readResting } from '../../metrics/read-resting.js';
import { createClusterOf, type ClusterOf } from '../../promql/cluster-label.js';
import type { Figure, Figures } from '../../promql/figure.js';
import { queryFigures } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import { kubernetesNodeOf } from '../../targets/node-labels.js';
import type { CounterFigure } from '../../time-base/counter-figure.js';
import { readCurrentRates, type CurrentRates } from '../../time-base/current-rates.js';
import type { GrowthSemantics } from '../../time-base/growth.js';
import { round } from '../../units.js';
import type { AlertMetric } from '../record.js';
import { alertExpressions } from '../rules/expressions.js';

/** A value of each subject of each cluster. */
export type Values = ReadonlyMap<ClusterId, ReadonlyMap<string, number>>;

/** The figures of some clusters, by metric; one that could not be read is missing. */
export type AlertFigures = ReadonlyMap<AlertMetric, Values>;

export interface FiguresRequest {
  /** Those of the clusters. */
  readonly scopes: readonly Scope[];
  readonly semantics: GrowthSemantics;
  /** Unix seconds. */
  readonly at: number;
  readonly signal: AbortSignal;
  /** Called before each request; an error it throws is passed on. */
  readonly before: () => Promise<void>;
  /** Called with what could not be read. */
  readonly onFailure: (group: string, error: unknown) => void;
}

/** Reads the figures scope by scope: what one of them lacks is not known. */
export async function readAlertFigures(
  source: MetricSource,
  request: FiguresRequest,
): Promise<AlertFigures> {
  const all = new Map(
    alertMetrics.map((metric) => [metric, new Map<ClusterId, Map<string, number>>()]),
  );
  for (const scope of request.scopes) {
    const found = await readScope(source, scope, request);
    for (const [metric, values] of all) {
      const own = found.get(metric);
      if (own === undefined) all.delete(metric);
      // One cluster may be in several, by its spellings.
      else
        for (const [cluster, rows] of own)
          values.set(cluster, new Map([...(values.get(cluster) ?? []), ...rows]));
    }
  }
  return all;
}

/**
 * Reads a scope in eight requests, or twelve where nodes need wider rate windows, one group after the other: an answer
 * may have a row for each of many thousand nodes, and one of them at a time is enough in memory.
 */
async function readScope(
  source: MetricSource,
  scope: Scope,
  { semantics, at, signal, before, onFailure }: FiguresRequest,
): Promise<AlertFigures> {
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

  async function readRates(
    metric: AlertMetric,
    figuresOf: (own: Scope) => readonly CounterFigure[],
  ): Promise<CurrentRates['results']['instant'] | null> {
    await before();
    const rates = { scope, figuresOf, at, semantics, signal, group: metric };
    const { results } = await readCurrentRates(source, rates);
    const [failure] = results.failures;
    if (failure === undefined) return results.instant;
    signal.throwIfAborted();
    onFailure(metric, failure.error);
    return null;
  }

  const instances = (rows: readonly Row[] | undefined) => valuesOf(rows, 'instance', clusterOf);
  const rates = await readRates('cpu_usage', (own) => [busyFigure(own)]);
  const busy = rates?.get('cpu:busy') ?? [];
  const cores = await read('cpu_usage', [{ figure: 'cores', expr: allCores(scope) }], (figures) => {
    return figures.get('cores') ?? [];
  });
  if (rates !== null && cores !== null) {
    await before();
    const request = { scope, at, semantics, signal, group: 'cpu_usage' };
    const resting = await readResting(source, request, { busy, cores });
    const [failure] = resting.failures;
    if (failure !== undefined) onFailure('cpu_usage', failure.error);
    const used = instances([...busy, ...resting.rows]);
    found.set(
      'cpu_usage',
      combined(used, instances(cores), (own, all) => plausible((100 * own) / all, percentBounds)),
    );
  }
  const errors = await readRates('network_errors', errorFigures);
  if (errors !== null) {
    const [received, sent] = networkErrors.map((figure) => instances(errors.get(figure)));
    found.set(
      'network_errors',
      combined(received ?? new Map(), sent ?? new Map(), (one, other) => 60 * (one + other)),
    );
  }
  await read(
    'memory_usage, disk_usage',
    [
      { figure: 'memory', expr: alertExpressions.memory_usage(scope) },
      // Apart: each is as long as an expression that names clusters may be.
      { figure: 'size', expr: storageTotal(scope) },
      { figure: 'free', expr: storageFree(scope) },
    ],
    (figures) => {
      const [size, free] = ['size', 'free'].map((figure) => instances(figures.get(figure)));
      found.set('memory_usage', instances(figures.get('memory')));
      found.set(
        'disk_usage',
        combined(size ?? new Map(), free ?? new Map(), (total, rest) =>
          plausible(100 * (1 - rest / total), percentBounds),
        ),
      );
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

/** A value of each subject that has both, and of which it can be. */
function combined(one: Values, other: Values, of: (a: number, b: number) => number | null): Values {
  return new Map(
    [...one].map(([cluster, own]) => {
      const rest = other.get(cluster);
      const values = [...own].flatMap(([subject, first]): [string, number][] => {
        const second = rest?.get(subject);
        // So many decimals that a value at the threshold is not below it by how it was computed.
        const value = second === undefined ? null : round(of(first, second), 3);
        return value === null ? [] : [[subject, value]];
      });
      return [cluster, new Map(values)];
    }),
  );
}

function valuesOf(rows: readonly Row[] | undefined, label: string, clusterOf: ClusterOf): Values {
  const into = new Map<ClusterId, Map<string, number>>();
  for (const { metric, value } of rows ?? []) {
    const cluster = clusterOf(metric);
    const subject = label === 'node' ? kubernetesNodeOf(metric) : (metric[label] ?? '');
    if (cluster === null || subject === '') continue;
    const own = into.get(cluster);
    if (own === undefined) into.set(cluster, new Map([[subject, value]]));
    else own.set(subject, value);
  }
  return into;
}
