import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { isBeyond, percentBounds, percentOf } from '../../bounds.js';
import { busyFigure } from '../../metrics/cpu.js';
import { allCores } from '../../metrics/fleet-expressions.js';
import { readResting } from '../../metrics/read-resting.js';
import { runQueries } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import { nodeExporterGroup } from '../../targets/node-exporter.js';
import { readCurrentRates } from '../../time-base/current-rates.js';
import type { GrowthSemantics } from '../../time-base/growth.js';
import type { FleetNodes } from './fleet-nodes.js';

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

/**
 * Reads the CPU of every cluster as of each of its nodes; `failed` where the store could not answer. Of several
 * node-exporters of a machine the best sampled one speaks for it from here on.
 */
export async function readClusterCpu(
  source: MetricSource,
  request: {
    readonly scopes: readonly Scope[];
    readonly semantics: GrowthSemantics;
    readonly nodes: Promise<FleetNodes>;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<FleetCpu> {
  const { scopes, semantics, at, signal } = request;
  const group = 'cpu';
  const [rates, sizes, nodes] = await Promise.all([
    Promise.all(
      scopes.map((scope) =>
        readCurrentRates(source, {
          scope,
          figuresOf: (own) => [busyFigure(own)],
          at,
          semantics,
          signal,
          group,
        }),
      ),
    ),
    runQueries(
      source,
      scopes.map((scope) => ({
        group,
        figures: [{ figure: 'cores', expr: allCores(scope) }],
        at,
      })),
      signal,
    ),
    request.nodes,
  ]);
  const told = rates.flatMap(({ results }) => results.instant.get('cpu:busy') ?? []);
  const cores = sizes.instant.get('cores') ?? [];
  const resting = await Promise.all(
    scopes.map((scope) =>
      readResting(source, { scope, at, semantics, signal, group }, { busy: told, cores }),
    ),
  );
  const failed = [sizes, ...rates.map(({ results }) => results), ...resting].some(
    ({ failures }) => failures.length > 0,
  );
  const clusters = new Map<ClusterId, ClusterCpu>();
  const implausible = new Set<ClusterId>();
  if (failed) return { clusters, implausible, failed };
  nodes.chooseInstances(
    rates.flatMap(({ targets }) => [...(targets.get(nodeExporterGroup)?.values() ?? [])]),
  );
  const busy = nodes.byNode([...told, ...resting.flatMap(({ rows }) => rows)]);
  for (const [cluster, own] of nodes.byNode(cores)) {
    for (const [node, all] of own) {
      const used = busy.get(cluster)?.get(node);
      if (used === undefined) continue;
      if (isBeyond(percentOf(used, all), percentBounds)) {
        implausible.add(cluster);
        continue;
      }
      const sum = clusters.get(cluster) ?? { busy: 0, cores: 0 };
      clusters.set(cluster, { busy: sum.busy + used, cores: sum.cores + all });
    }
  }
  return { clusters, implausible, failed };
}
