import type {
  ClusterHealth,
  ClusterId,
  FleetCluster,
  StateCounts,
} from '@bud-monitoring/contracts';
import type { MetricSource } from '../../ports.js';
import type { ScopeSettings } from '../promql/scope.js';
import { readRecorded } from './recorded.js';
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
  const { clusters, alerts, at } = request;
  const valuesOf = await readRecorded(source, stateSeries, request);
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
