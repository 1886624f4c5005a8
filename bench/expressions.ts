import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * A thousand expressions as dashboards and rules have them: those of our templates, and shapes of
 * Kubernetes and node dashboards and rules, written by us, over metrics, labels and windows.
 */
export async function thousandExpressions(clusterId: string): Promise<string[]> {
  const own = (await templateExpressions()).map((text) =>
    text
      .replaceAll('$cluster', clusterId)
      .replaceAll(/\$__(rate_interval|interval|range)/g, '5m')
      .replaceAll(/"\$\w+"/g, '".+"'),
  );
  const made = generated();
  // Spread over the shapes, so that none is left out by the cut.
  const every = made.length / (1000 - own.length);
  const some = Array.from(
    { length: 1000 - own.length },
    (_, n) => made[Math.floor(n * every)] ?? '',
  );
  return [...own, ...some];
}

async function templateExpressions(): Promise<string[]> {
  const folder = fileURLToPath(new URL('../../templates', import.meta.url));
  const names = await readdir(folder, { recursive: true });
  const found = new Set<string>();
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const text = await readFile(`${folder}/${name}`, 'utf8');
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'expr' && typeof value === 'string') found.add(value);
      return value;
    });
  }
  return [...found];
}

const windows = ['1m', '5m', '15m', '1h', '6h'];
const groups = ['namespace', 'namespace, pod', 'instance', 'node', 'cluster, namespace, workload'];
const counters = [
  'container_cpu_usage_seconds_total{image!="", container!~"POD|"}',
  'container_network_receive_bytes_total{namespace=~".+"}',
  'node_disk_io_time_seconds_total{job="node-exporter", device=~"(/dev/)?(sd.+|nvme.+|vd.+)"}',
  'apiserver_request_total{verb=~"LIST|GET", code!~"5.."}',
  'http_requests_total{job="api", status=~"5.."}',
  'node_network_receive_errs_total{device!~"lo|veth.*|docker.*"}',
];
const gauges = [
  'kube_pod_container_resource_requests{resource="cpu", job="kube-state-metrics"}',
  'container_memory_working_set_bytes{container!="", image!=""}',
  'node_filesystem_avail_bytes{fstype!="", mountpoint!=""}',
  'kubelet_volume_stats_available_bytes{namespace=~".*"}',
  'kube_deployment_status_replicas_available{job="kube-state-metrics"}',
];
const histograms = ['apiserver_request_duration_seconds', 'etcd_disk_wal_fsync_duration_seconds'];

function generated(): string[] {
  const made: string[] = [];
  for (const by of groups) {
    for (const window of windows) {
      for (const counter of counters) {
        const rate = `sum by (${by}) (rate(${counter}[${window}]))`;
        made.push(
          ...[rate, `topk(10, ${rate})`, `${rate} > 0.8 * on () group_left () scalar(max(up))`],
          `sum(irate(${counter}[${window}] offset 1d)) by (${by}) or vector(0)`,
          `${rate} / ignoring (mode) group_left () count by (${by}) (kube_node_info{node!=""})`,
          `avg_over_time(${rate}[${window}:30s])`,
          `100 * (1 - ${rate} / clamp_min(${rate.replace('irate', 'rate')}, 1)) >= bool 95`,
        );
      }
      for (const name of histograms) {
        const buckets = `sum by (le, ${by}) (rate(${name}_bucket{verb!="WATCH"}[${window}]))`;
        made.push(
          ...[0.5, 0.9, 0.99].map((q) => `histogram_quantile(${q}, ${buckets})`),
          `sum by (${by}) (rate(${name}_sum[${window}])) / sum by (${by}) (rate(${name}_count[${window}]))`,
        );
      }
    }
    for (const gauge of gauges) {
      made.push(
        `sum(${gauge}) by (${by})`,
        `max by (${by}) (max_over_time(${gauge}[1h])) / 1024 / 1024`,
        `predict_linear(${gauge}[6h], 4 * 3600) < 0 and ${gauge} > 0 unless on (${by}) kube_node_spec_taint{effect="NoSchedule"} == 1`,
        `label_replace(sum by (${by}) (${gauge}), "resource", "$1", "pod", "(.+)-[^-]+") * on (${by}) group_left (node) topk by (${by}) (1, max by (${by}, node) (kube_pod_info{node!=""}))`,
        `count(${gauge} == 0) by (${by}) > count(up{job=~"kubelet|node-exporter"}) * 0.5 or absent(${gauge})`,
      );
    }
  }
  return made;
}
