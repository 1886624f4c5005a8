import type {
  AlertList,
  ClusterMetrics,
  GrafanaDashboard,
  NodeMetrics,
} from '@bud-monitoring/contracts';
import type { ServicesClient } from './api-clients.js';
import type { DemoCluster } from './scenario.js';

/** A cluster with what the services say of it now. */
export interface ClusterResult extends DemoCluster {
  dashboard: GrafanaDashboard;
  metrics: ClusterMetrics;
  nodes: NodeMetrics;
  alerts: AlertList;
}

/** All that the demo shows. */
export interface DemoResults {
  clusters: readonly ClusterResult[];
  /** The first cluster's 30 days. */
  month: ClusterMetrics;
  /** This machine, where it is one of the clusters. */
  live: ClusterResult | null;
}

/** The figures of every cluster as another service gets them, and the month as a frontend does. */
export async function fetchResults(options: {
  clusters: readonly (DemoCluster & { dashboard: GrafanaDashboard })[];
  live: DemoCluster | null;
  dapr: ServicesClient;
  gateway: ServicesClient;
}): Promise<DemoResults> {
  const { dapr, gateway } = options;
  const clusters = await Promise.all(
    options.clusters.map(async (cluster): Promise<ClusterResult> => {
      const [metrics, nodes, alerts] = await Promise.all([
        dapr.metrics(cluster.id, { time_range: '10min', series: 'false' }),
        dapr.nodes(cluster.id),
        dapr.alerts(cluster.id),
      ]);
      return { ...cluster, metrics, nodes, alerts };
    }),
  );
  const [first] = clusters;
  if (!first) throw new Error('there is no cluster to show');
  const month = await gateway.metrics(first.id, { time_range: 'month' });
  return { clusters, month, live: clusters.find(({ id }) => id === options.live?.id) ?? null };
}
