import { nodeSignals, podSignals } from './node-signals.js';
import type { NodeSignals, PodSignals } from './node-signals.js';
import { isCore } from './core-series.js';
import type { MetricName } from './metric-names.js';
import { suffix } from '../random.js';
import type { Cluster, Fleet, Labels, Series, Tier } from '../types.js';

/** What the sources of one cluster share. */
export interface ClusterContext {
  readonly fleet: Fleet;
  readonly cluster: Cluster;
  readonly nodes: readonly NodeSignals[];
  /** Pods that have a node. */
  readonly pods: readonly PodSignals[];
  readonly targets: Targets;
}

/** The labels that a scrape through kube-prometheus-stack's ServiceMonitors puts on a target. */
export interface Targets {
  nodeExporter(node: NodeSignals, port?: number): Labels;
  kubelet(node: NodeSignals, path: '/metrics' | '/metrics/cadvisor'): Labels;
  kubeStateMetrics: Labels;
  kepler(node: NodeSignals): Labels;
  gpuExporter(node: NodeSignals, vendor: 'nvidia' | 'amd' | 'gaudi'): Labels;
}

/** Namespace that bud-cluster installs the stack in. */
const NAMESPACE = 'bud-system';

const GPU_EXPORTERS = {
  nvidia: { name: 'nvidia-dcgm-exporter', port: 9400 },
  amd: { name: 'amd-device-metrics-exporter', port: 5000 },
  gaudi: { name: 'habana-metric-exporter', port: 41611 },
} as const;

export function clusterContext(fleet: Fleet, cluster: Cluster): ClusterContext {
  const nodes = cluster.nodes.map((node) => nodeSignals(fleet, cluster, node));
  const byName = new Map(nodes.map((node) => [node.node.name, node]));
  const pods = cluster.pods.flatMap((pod) => {
    const host = pod.node === null ? undefined : byName.get(pod.node);
    return host === undefined ? [] : [podSignals(fleet, cluster, pod, host)];
  });
  return { fleet, cluster, nodes, pods, targets: targets(cluster) };
}

function targets(cluster: Cluster): Targets {
  // Shorter values than a chart would give: history repeats them in every line.
  const monitored = (job: string, endpoint: string, node: string): Labels => ({
    job,
    namespace: NAMESPACE,
    service: job,
    endpoint,
    container: job,
    pod: `${job}-${suffix(5, cluster.id, job, node)}`,
  });
  return {
    nodeExporter: ({ node }, port = 9100) => ({
      ...monitored('node-exporter', 'http-metrics', node.name),
      instance: hostPort(node.ip, port),
    }),
    kubelet: ({ node }, path) => ({
      job: 'kubelet',
      metrics_path: path,
      namespace: 'kube-system',
      service: 'kubelet',
      endpoint: 'https-metrics',
      node: node.name,
      instance: hostPort(node.ip, 10250),
    }),
    kubeStateMetrics: {
      ...monitored('kube-state-metrics', 'http', ''),
      instance: '10.244.0.17:8080',
    },
    kepler: ({ node }) => ({
      ...monitored('kepler', 'http', node.name),
      // Up to 0.9 the ServiceMonitor makes the node's name the instance.
      instance: cluster.exporters.kepler === 'legacy' ? node.name : hostPort(node.ip, 28282),
    }),
    gpuExporter: ({ node }, vendor) => {
      const { name, port } = GPU_EXPORTERS[vendor];
      return { ...monitored(name, 'gpu-metrics', node.name), instance: hostPort(node.ip, port) };
    },
  };
}

/** `address:port`, with the brackets that IPv6 needs. */
function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Gathers one source's series: adds the label that remote write adds, and gives constants a value. */
export interface Collector {
  readonly series: Series[];
  add(tier: Tier, name: MetricName, labels: Labels, value: Series['value'] | number): void;
}

/** `interval` as in `Series`, of all that is added. */
export function createCollector(
  { cluster }: Pick<ClusterContext, 'cluster'>,
  interval?: number,
): Collector {
  const series: Series[] = [];
  return {
    series,
    add(tier, name, labels, value) {
      series.push({
        name,
        labels: { ...labels, cluster: cluster.id },
        tier: isCore(cluster, name, labels) ? 'core' : tier,
        value: typeof value === 'number' ? () => value : value,
        interval,
      });
    },
  };
}
