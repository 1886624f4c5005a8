import type {
  ClusterHealth,
  ClusterId,
  FleetCluster,
  StateCounts,
} from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import { createClusterOf } from '../promql/cluster-label.js';
import { queryFigures } from '../promql/queries.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import { endReading } from '../targets/instant-reading.js';
import { stateSeries } from './recording-rules.js';
import { stateOf } from './summary/state.js';

type States = ReadonlyMap<ClusterId, ClusterHealth>;

const none: FleetCluster['alerts'] = { pending: 0, warning: 0, critical: 0 };

/**
 * The states of clusters by the recording rules of the fleet, whose figures are up to a minute old; null where they
 * do not speak of nearly all. The rest are silent.
 */
export async function readStates(
  source: Pick<MetricSource, 'query'>,
  request: {
    readonly settings: ScopeSettings;
    readonly clusters: readonly ClusterId[];
    readonly alerts: ReadonlyMap<string, FleetCluster['alerts']>;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<States | null> {
  const { clusters, alerts, at, signal } = request;
  const scope = fleetScope(request.settings);
  const wanted = Object.entries(stateSeries).map(([figure, name]) => {
    return { figure, expr: `max by (cluster) (${endReading.latest(scope.select(name))})` };
  });
  const { figures } = await queryFigures(source, wanted, { at, signal });
  const clusterOf = createClusterOf();
  const valuesOf = (figure: keyof typeof stateSeries) => {
    const values = new Map<ClusterId, number>();
    for (const { metric, value } of figures.get(figure) ?? []) {
      const cluster = clusterOf(metric);
      // One that the store also writes in capitals has two.
      if (cluster !== null) values.set(cluster, Math.max(value, values.get(cluster) ?? 0));
    }
    return values;
  };
  const [newest, nodes, ready] = [valuesOf('newest'), valuesOf('nodes'), valuesOf('ready')];
  const isKnown = (cluster: ClusterId) => newest.has(cluster);
  if (clusters.filter(isKnown).length < 0.9 * clusters.length) return null;
  const stateOfOne = (cluster: ClusterId) => {
    const heard = newest.get(cluster);
    return stateOf({
      nodes: nodes.get(cluster) ?? null,
      ready: ready.get(cluster) ?? null,
      newest_sample_age_seconds: heard === undefined ? null : at - heard,
      alerts: alerts.get(cluster) ?? none,
    });
  };
  return new Map(clusters.map((cluster) => [cluster, stateOfOne(cluster)]));
}

export function countStates(states: Iterable<ClusterHealth>): StateCounts {
  const counts = { healthy: 0, warning: 0, critical: 0, silent: 0, unknown: 0 };
  for (const state of states) counts[state] += 1;
  return counts;
}
