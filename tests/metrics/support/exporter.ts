import {
  constant,
  ramp,
  series,
  type KnownSeries,
  type ValueAt,
} from '../../../stack/src/fleet/index.js';
import { gib } from './near.js';

type Labels = Readonly<Record<string, string>>;

/** What node-exporter says of a node; each value can be replaced, or left out with `null`. */
export interface NodeValues {
  readonly nodename?: string | null;
  /** Bytes. */
  readonly total?: ValueAt;
  readonly free?: ValueAt | null;
  readonly cores?: number;
  /** Busy seconds of each core. */
  readonly busy?: ValueAt;
  readonly received?: ValueAt;
  readonly sent?: ValueAt;
  /** Whether the node is there at that many seconds after the first sample. */
  readonly alive?: (elapsed: number) => boolean;
}

/** The series of one node. */
export function nodeSeries(labels: Labels, values: NodeValues = {}): KnownSeries[] {
  const { nodename = labels['instance'] ?? '', cores = 2, alive = () => true } = values;
  const while_ = (value: ValueAt): ValueAt => {
    return (elapsed, t) => (alive(elapsed) ? value(elapsed, t) : undefined);
  };
  const one = (name: string, more: Labels, value: ValueAt) =>
    series(name, { ...labels, ...more }, while_(value));
  const { busy = ramp(0.3), received = ramp(1_000_000), sent = ramp(500_000) } = values;
  const { total = constant(16 * gib), free = constant(4 * gib) } = values;
  return [
    ...(nodename === null ? [] : [one('node_uname_info', { nodename, ...system }, constant(1))]),
    one('node_memory_MemTotal_bytes', {}, total),
    ...(free === null ? [] : [one('node_memory_MemAvailable_bytes', {}, free)]),
    ...Array.from({ length: cores }, (_, cpu) => [
      one('node_cpu_seconds_total', { cpu: String(cpu), mode: 'user' }, busy),
      one('node_cpu_seconds_total', { cpu: String(cpu), mode: 'idle' }, ramp(0.6)),
      one('node_cpu_seconds_total', { cpu: String(cpu), mode: 'iowait' }, ramp(0.1)),
    ]).flat(),
    one('node_filesystem_size_bytes', { mountpoint: '/', device: '/dev/vda' }, constant(100 * gib)),
    one('node_filesystem_avail_bytes', { mountpoint: '/', device: '/dev/vda' }, constant(25 * gib)),
    one('node_network_receive_bytes_total', { device: 'eth0' }, received),
    one('node_network_transmit_bytes_total', { device: 'eth0' }, sent),
  ];
}

/** The series, of which those with the same labels are one: the first that has a value at a time tells it. */
export function inTurn(all: readonly KnownSeries[]): KnownSeries[] {
  const joined = new Map<string, KnownSeries>();
  for (const one of all) {
    const labels = JSON.stringify([one.name, one.labels]);
    const first = joined.get(labels);
    const [values, others] = [first?.values as ValueAt | undefined, one.values as ValueAt];
    joined.set(
      labels,
      first === undefined
        ? one
        : { ...first, values: (elapsed, t) => values?.(elapsed, t) ?? others(elapsed, t) },
    );
  }
  return [...joined.values()];
}

const system = { sysname: 'Linux', release: '6.8.0', machine: 'x86_64' };

/** Where a node stands in Kubernetes. */
export function kubernetesNode(
  cluster: string,
  { name, ip, ready = 'true' }: { name: string; ip?: string; ready?: 'true' | 'false' | 'unknown' },
): KnownSeries[] {
  const labels = { cluster, job: 'kube-state-metrics', instance: '10.9.9.9:8080', node: name };
  return [
    series(
      'kube_node_info',
      { ...labels, ...(ip !== undefined && { internal_ip: ip }) },
      constant(1),
    ),
    ...['true', 'false', 'unknown'].map((status) =>
      series(
        'kube_node_status_condition',
        { ...labels, condition: 'Ready', status },
        constant(status === ready ? 1 : 0),
      ),
    ),
    series(
      'kube_node_status_condition',
      { ...labels, condition: 'MemoryPressure', status: 'false' },
      constant(1),
    ),
    ...Object.entries({ cpu: 4, memory: 540_000_000_000, pods: 110, ephemeral_storage: 1e12 }).map(
      ([resource, value]) =>
        series('kube_node_status_capacity', { ...labels, resource, unit: 'x' }, constant(value)),
    ),
  ];
}
