import type { ClusterId, Warning } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import { runQueries, type Query } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import { namedClusters } from './first-contact.js';

/** Metrics that show that a cluster is there. */
const signs = ['node_memory_MemTotal_bytes', 'node_uname_info', 'kube_node_info'];

/** Seconds by which a clock may be ahead. */
const clockTolerance = 15;

/** What is odd about the times of some clusters. */
export interface ClusterTimes {
  /** Those that are there now and were not ten minutes ago. */
  readonly young: readonly ClusterId[];
  /** Seconds by which the newest sample of a cluster is ahead of our clock, of those where it is. */
  readonly ahead: ReadonlyMap<ClusterId, number>;
}

/** Reads them in a request for each scope, two where samples are ahead. What cannot be had is left out. */
export async function readClusterTimes(
  source: MetricSource,
  request: {
    readonly scopes: readonly Scope[];
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<ClusterTimes> {
  const { scopes, at, signal } = request;
  const clusterOf = createClusterOf();
  const read = async (figures: (selected: string) => Query['figures']) => {
    const queries = scopes.map((scope) => ({
      group: 'hints',
      figures: figures(scope.selectAny(signs)),
      at,
    }));
    const { instant } = await runQueries(source, queries, signal);
    return (figure: string) =>
      (instant.get(figure) ?? []).flatMap(({ metric, value }) => {
        const cluster = clusterOf(metric);
        return cluster === null ? [] : [[cluster, value] as const];
      });
  };
  const present = (expr: string) => `group by (cluster) (${expr})`;
  const seen = await read((selected) => [
    { figure: 'young', expr: `${present(selected)} unless ${present(`${selected} offset 10m`)}` },
    // The hour to come: nearly always there is nothing in it.
    {
      figure: 'ahead',
      expr: present(`count_over_time(${selected}[${3600 - clockTolerance}s] offset -1h)`),
    },
  ]);
  const young = seen('young').map(([cluster]) => cluster);
  if (seen('ahead').length === 0) return { young, ahead: new Map() };
  const newest = await read((selected) => [
    {
      figure: 'newest',
      expr: `max by (cluster) (max_over_time(timestamp(${selected})[1h:5m] offset -1h))`,
    },
  ]);
  const ahead = newest('newest').map(([cluster, time]) => [cluster, time - at] as const);
  return { young, ahead: new Map(ahead.filter(([, seconds]) => seconds > clockTolerance)) };
}

/** What whoever sees these clusters has to know of their times. */
export function warningsOfTimes(all: readonly ClusterTimes[]): Warning[] {
  const young = all.flatMap((one) => one.young);
  const ahead = new Map(all.flatMap((one) => [...one.ahead]));
  return [
    ...(ahead.size === 0
      ? []
      : [
          {
            code: 'samples_from_future',
            message: `Samples are up to ${Math.round(Math.max(...ahead.values()))} s ahead of the clock of this service, and count when their time has come (${namedClusters([...ahead.keys()])}): set the clocks of the store, of what writes to it and of this machine by NTP`,
          },
        ]),
    ...(young.length === 0
      ? []
      : [
          {
            code: 'cluster_young',
            message: `There since less than 10 minutes, or again (${namedClusters(young)}): figures of now are right from the second sample on, averages and energy are of that time alone. Nothing is to be done`,
          },
        ]),
  ];
}
