import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { isBeyond, percentBounds, percentOf } from '../bounds.js';
import { busyFigure } from '../metrics/cpu.js';
import { allCores } from '../metrics/fleet-expressions.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { runQueries } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import { readCurrentRates } from '../time-base/current-rates.js';
import type { GrowthSemantics } from '../time-base/growth.js';

/** Busy cores and all cores of a cluster, over the nodes that have both. */
export interface ClusterCpu {
  busy: number;
  cores: number;
}

/** The CPU of the clusters, and those with nodes whose usage cannot be. */
export interface FleetCpu {
  readonly clusters: ReadonlyMap<ClusterId, ClusterCpu>;
  readonly implausible: ReadonlySet<ClusterId>;
  readonly failed: boolean;
}

/** Reads the CPU of every cluster as of each of its nodes; `failed` where the store could not answer. */
export async function readClusterCpu(
  source: MetricSource,
  request: {
    readonly settings: ScopeSettings;
    readonly semantics: GrowthSemantics;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<FleetCpu> {
  const { settings, semantics, at, signal } = request;
  const scope = fleetScope(settings);
  const group = 'cpu';
  const [rates, sizes] = await Promise.all([
    readCurrentRates(source, {
      scope,
      figuresOf: (own) => [busyFigure(own)],
      at,
      semantics,
      signal,
      group,
    }),
    runQueries(
      source,
      [{ group, figures: [{ figure: 'cores', expr: allCores(scope) }], at }],
      signal,
    ),
  ]);
  const failed = rates.results.failures.length + sizes.failures.length > 0;
  const clusters = new Map<ClusterId, ClusterCpu>();
  const implausible = new Set<ClusterId>();
  if (failed) return { clusters, implausible, failed };
  const nodeOf = (labels: Readonly<Record<string, string>>) =>
    `${labels['cluster'] ?? ''} ${labels['instance'] ?? ''}`;
  const busy = new Map(
    rates.results.instant.get('cpu:busy')?.map(({ metric, value }) => [nodeOf(metric), value]),
  );
  const clusterOf = createClusterOf();
  for (const { metric, value: cores } of sizes.instant.get('cores') ?? []) {
    const cluster = clusterOf(metric);
    const own = busy.get(nodeOf(metric));
    if (cluster === null || own === undefined) continue;
    if (isBeyond(percentOf(own, cores), percentBounds)) {
      implausible.add(cluster);
      continue;
    }
    const sum = clusters.get(cluster) ?? { busy: 0, cores: 0 };
    clusters.set(cluster, { busy: sum.busy + own, cores: sum.cores + cores });
  }
  return { clusters, implausible, failed };
}
