import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals } from '../node-signals.js';
import { meanOver } from '../signal.js';
import type { Labels, Series } from '../../types.js';
import { DEVICES } from './node-exporter.js';

const FIVE_MINUTES = 300;

/**
 * What kube-prometheus-stack's rules record in the customer's cluster and write remotely: the same
 * figures as the formulas over the raw series give, under the rule's own labels.
 */
export function recordingRuleSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  clusterRules(out, context);
  for (const host of context.nodes) instanceRules(out, host, context.targets.nodeExporter(host));
  namespaceRules(out, context);
  podRules(out, context);
  return out.series;
}

function clusterRules(out: Collector, { nodes }: ClusterContext): void {
  const sum = (t: number, of: (host: NodeSignals) => number) =>
    nodes.reduce((total, host) => (host.exists(t) ? total + of(host) : total), 0);
  out.add('node', 'cluster:node_cpu:ratio_rate5m', {}, (t) => {
    const busy = sum(t, (host) => host.node.cores * rate5m(host.busy, t));
    return ratio(busy / sum(t, ({ node }) => node.cores));
  });
  out.add('node', ':node_memory_MemAvailable_bytes:sum', {}, (t) =>
    sum(t, ({ node, memory }) => Math.floor(node.memoryBytes * (1 - memory.at(t)))),
  );
}

function instanceRules(out: Collector, host: NodeSignals, labels: Labels): void {
  const add = (name: MetricName, value: (t: number) => number) =>
    out.add('node', name, labels, host.gauge(value));
  add('instance:node_num_cpu:sum', () => host.node.cores);
  add('instance:node_cpu_utilisation:rate5m', (t) => ratio(rate5m(host.busy, t)));
  add('instance:node_memory_utilisation:ratio', (t) => ratio(host.memory.at(t)));
  // As in the field these leave out lo alone: veth, cali and bridges are all counted.
  const devices = Object.entries(DEVICES).filter(([device]) => device !== 'lo');
  const factor = devices.reduce((total, [, share]) => total + share, 0);
  for (const direction of ['receive', 'transmit'] as const) {
    add(`instance:node_network_${direction}_bytes_excluding_lo:rate5m`, (t) =>
      ratio(factor * rate5m(host[direction], t)),
    );
  }
}

function namespaceRules(out: Collector, { cluster, nodes }: ClusterContext): void {
  const hosts = new Map(nodes.map((host) => [host.node.name, host]));
  for (const namespace of new Set(cluster.pods.map((pod) => pod.namespace))) {
    const pods = cluster.pods.filter((pod) => pod.namespace === namespace);
    for (const what of ['cpu', 'memory'] as const) {
      for (const kind of ['requests', 'limits'] as const) {
        const name = `namespace_${what}:kube_pod_container_resource_${kind}:sum` as const;
        out.add('state', name, { namespace }, (t) => {
          let sum = 0;
          for (const { node, containers } of pods) {
            if (node !== null && hosts.get(node)?.exists(t) !== true) continue;
            for (const container of containers) sum += container[kind]?.[what] ?? 0;
          }
          return ratio(sum);
        });
      }
    }
  }
}

/** The names that changed in 2025: `sum_irate` before, `sum_rate5m` since. */
const CPU_BY_CONTAINER = 'node_namespace_pod_container:container_cpu_usage_seconds_total';

function podRules(out: Collector, { cluster, pods }: ClusterContext): void {
  for (const { pod, host, containers } of pods) {
    const { namespace, name, owner } = pod;
    const labels = { namespace, pod: name };
    const workload = { workload: owner.name, workload_type: owner.kind.toLowerCase() };
    const node = host.node.name;
    const info = host.gauge(() => 1);
    out.add('state', 'node_namespace_pod:kube_pod_info:', { ...labels, node }, info);
    out.add(
      'state',
      'namespace_workload_pod:kube_pod_owner:relabel',
      { ...labels, ...workload },
      info,
    );
    for (const [index, { cpu, memory }] of containers.entries()) {
      const of = { ...labels, node, container: pod.containers[index]?.name ?? '' };
      const add = (metric: MetricName, value: (t: number) => number) =>
        out.add('workload', metric, of, (t) => (host.kubeletUp(t) ? value(t) : undefined));
      add(`${CPU_BY_CONTAINER}:sum_rate5m`, (t) => ratio(rate5m(cpu, t)));
      if (cluster.exporters.recordingRules === 'all') {
        add(`${CPU_BY_CONTAINER}:sum_irate`, (t) => ratio(cpu.at(t)));
      }
      add('node_namespace_pod_container:container_memory_working_set_bytes', memory);
    }
  }
}

function rate5m(signal: NodeSignals['busy'], t: number): number {
  return meanOver(signal, FIVE_MINUTES, t);
}

function ratio(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
