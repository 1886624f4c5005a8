import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterMetrics, GrafanaDashboard, NodeMetrics } from '@bud-monitoring/contracts';
import type { Caller } from './callers.js';
import type { DemoCluster } from './scene.js';

const POLL_MS = 500;
const LIVE_TIMEOUT_MS = 45_000;

/** A cluster with what the services say of it now. */
export interface ShownCluster extends DemoCluster {
  dashboard: GrafanaDashboard;
  metrics: ClusterMetrics;
  nodes: NodeMetrics;
}

/** All that the demo shows. */
export interface Findings {
  clusters: readonly ShownCluster[];
  /** The first cluster's 30 days. */
  month: ClusterMetrics;
  /** This machine, where it is one of the clusters. */
  live: ShownCluster | null;
}

/** The figures of every cluster as another service gets them, and the month as a frontend does. */
export async function gather(options: {
  clusters: readonly (DemoCluster & { dashboard: GrafanaDashboard })[];
  live: DemoCluster | null;
  dapr: Caller;
  gateway: Caller;
}): Promise<Findings> {
  const { dapr, gateway } = options;
  const clusters = await Promise.all(
    options.clusters.map(async (cluster): Promise<ShownCluster> => {
      const [metrics, nodes] = await Promise.all([
        dapr.metrics(cluster.id, { time_range: '10min', series: 'false' }),
        dapr.nodes(cluster.id),
      ]);
      return { ...cluster, metrics, nodes };
    }),
  );
  const [first] = clusters;
  if (!first) throw new Error('there is no cluster to show');
  const month = await gateway.metrics(first.id, { time_range: 'month' });
  return { clusters, month, live: clusters.find(({ id }) => id === options.live?.id) ?? null };
}

/** A machine scraped since a moment has no rates yet: they need two samples. */
export async function untilLive(
  caller: Caller,
  { id, name }: DemoCluster,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + LIVE_TIMEOUT_MS;
  for (;;) {
    const nodes = await caller.nodes(id);
    if (Object.values(nodes.nodes).some(({ cpu }) => cpu.usage_percent !== null)) return;
    if (performance.now() > deadline) {
      throw new Error(`bud-metrics has no CPU figure of ${name}, which is being scraped`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
