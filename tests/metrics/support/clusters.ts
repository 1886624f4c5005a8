import { constant, ramp, series, type KnownSeries } from '../../../stack/src/fleet/index.js';
import { kubernetesNode, nodeSeries } from './exporter.js';
import { startStore, type Batch } from './store.js';

/** Clusters of 3 and of 300 nodes, with something of everything. */
export const small = '0f000000-0000-4000-8000-000000000003';
export const large = '0f000000-0000-4000-8000-000000000300';
/** A cluster of which only one metric is stored, none that we know. */
export const strange = '0f000000-0000-4000-8000-000000000009';

export const end = Date.parse('2026-03-10T12:00:00Z') / 1000;

/** A Prometheus with an hour of them. */
export function startClusters() {
  const all = [
    ...cluster(small, 3),
    ...cluster(large, 300),
    series('some_other_metric', { cluster: strange }, constant(1)),
  ];
  const batch: Batch = { start: end - 3600, end, interval: 60, series: all };
  return startStore([batch]);
}

function cluster(id: string, nodes: number): KnownSeries[] {
  return Array.from({ length: nodes }, (_, index) => {
    const ip = `10.${nodes >> 8}.${index >> 8}.${index & 255}`;
    const instance = `${ip}:9100`;
    const labels = { cluster: id, job: 'node-exporter', instance };
    return [
      ...nodeSeries(labels, { nodename: `n-${index}`, cores: 1 }),
      ...kubernetesNode(id, { name: `n-${index}`, ip }),
      series('kepler_node_package_joules_total', { cluster: id, instance: `n-${index}` }, ramp(50)),
      series(
        'DCGM_FI_DEV_GPU_UTIL',
        { cluster: id, Hostname: `n-${index}`, UUID: `u-${index}` },
        constant(3),
      ),
      series(
        'kube_pod_info',
        { cluster: id, namespace: 'x', pod: `p-${index}`, node: `n-${index}` },
        constant(1),
      ),
      ...['receive_errs', 'transmit_errs', 'receive_drop', 'transmit_drop'].map((name) =>
        series(`node_network_${name}_total`, { ...labels, device: 'eth0' }, ramp(1)),
      ),
    ];
  }).flat();
}
