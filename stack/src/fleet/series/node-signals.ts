import { between } from '../random.js';
import { constant, scaled, switched, wave } from './signal.js';
import type { Signal } from './signal.js';
import type { Cluster, Fleet, FleetNode, Gpu, Pod, Series } from '../types.js';

/** What a node does over time: every exporter, and every recording rule, reads from here. */
export interface NodeSignals {
  readonly node: FleetNode;
  /** Share of each kind of work in all cores' time; `busy` is what is neither idle, iowait nor steal. */
  readonly busy: Signal;
  readonly iowait: Signal;
  readonly steal: Signal;
  /** Shares of memory and of the root file system in use. */
  readonly memory: Signal;
  readonly disk: (t: number) => number;
  /** Bytes a second over the node's real network device. */
  readonly receive: Signal;
  readonly transmit: Signal;
  /** Watts of the CPU package, its memory and the whole machine. */
  readonly packageWatts: Signal;
  readonly dramWatts: Signal;
  readonly platformWatts: Signal;
  /** Whether the node, or its kubelet, answers a scrape at `t`. */
  readonly exists: (t: number) => boolean;
  readonly kubeletUp: (t: number) => boolean;
  /** The last boot before `t`. */
  readonly bootedAt: (t: number) => number;
  /** A counter of the signal that starts at zero with each boot; undefined while there is no node. */
  readonly counter: (signal: Signal, decimals?: number) => Series['value'];
  /** A gauge of the signal; undefined while there is no node. */
  readonly gauge: (value: (t: number) => number) => Series['value'];
}

const HOT = { mean: 0.925, daily: 0.005, wobble: 0.01 };
const IOWAIT = 0.03;
const IOWAIT_WHEN_HOT = 0.006;
const STEAL = 0.004;
const DISK_GROWTH_PER_DAY = 0.0004;
const DAY = 86_400;

export function nodeSignals(fleet: Fleet, cluster: Cluster, node: FleetNode): NodeSignals {
  const key = [fleet.seed, cluster.id, node.name];
  const { hotSince, notReadySince, vanishedAt } = node.incidents;
  const normal = wave({ mean: node.use.cpu, daily: 0.45, wobble: 0.15 }, ...key, 'cpu');
  const waiting = wave({ mean: IOWAIT, daily: 0.4, wobble: 0.3, peakHour: 2 }, ...key, 'io');
  const busy =
    hotSince === undefined ? normal : switched(hotSince, normal, wave(HOT, ...key, 'hot'));
  const iowait =
    hotSince === undefined ? waiting : switched(hotSince, waiting, constant(IOWAIT_WHEN_HOT));
  const packageWatts = scaled(busy, 9 * node.cores, 6 + 2.5 * node.cores);
  const dramWatts = constant(2 + node.memoryBytes / 2 ** 35);
  const exists = (t: number) =>
    t >= (node.boots[0] ?? 0) && (vanishedAt === undefined || t < vanishedAt);
  const bootedAt = (t: number) => {
    let boot = node.boots[0] ?? 0;
    for (const other of node.boots) if (other <= t) boot = other;
    return boot;
  };
  return {
    node,
    busy,
    iowait,
    steal: constant(STEAL),
    memory: wave({ mean: node.use.memory, daily: 0.12, wobble: 0.05 }, ...key, 'memory'),
    disk: (t) => node.use.disk + (DISK_GROWTH_PER_DAY * (t - fleet.anchor)) / DAY,
    receive: wave({ mean: node.traffic.receive, daily: 0.45, wobble: 0.2 }, ...key, 'rx'),
    transmit: wave({ mean: node.traffic.transmit, daily: 0.45, wobble: 0.2 }, ...key, 'tx'),
    packageWatts,
    dramWatts,
    platformWatts: scaled(packageWatts, 1.25, 45 + dramWatts.at(0)),
    exists,
    kubeletUp: (t) => exists(t) && (notReadySince === undefined || t < notReadySince),
    bootedAt,
    counter: (signal, decimals = 0) => {
      const unit = 10 ** decimals;
      return (t) =>
        exists(t)
          ? Math.floor((signal.integral(t) - signal.integral(bootedAt(t))) * unit) / unit
          : undefined;
    },
    gauge: (value) => (t) => (exists(t) ? value(t) : undefined),
  };
}

export interface PodSignals {
  readonly pod: Pod;
  /** The node it runs on; pods that wait for one have no usage at all. */
  readonly host: NodeSignals;
  /** Cores and bytes of each container, in the pod's order. */
  readonly containers: readonly { readonly cpu: Signal; readonly memory: (t: number) => number }[];
  readonly receive: Signal;
  readonly transmit: Signal;
}

export function podSignals(
  fleet: Fleet,
  cluster: Cluster,
  pod: Pod,
  host: NodeSignals,
): PodSignals {
  const key = [fleet.seed, cluster.id, pod.namespace, pod.name];
  const peakHour = between(12, 17, ...key);
  return {
    pod,
    host,
    containers: pod.containers.map(({ name, use }) => {
      const memory = wave({ mean: use.memory, daily: 0.1, wobble: 0.08 }, ...key, name, 'memory');
      return {
        cpu: wave({ mean: use.cpu, daily: 0.45, wobble: 0.25, peakHour }, ...key, name),
        memory: (t) => Math.floor(memory.at(t)),
      };
    }),
    receive: wave({ mean: pod.traffic, daily: 0.45, wobble: 0.2, peakHour }, ...key, 'rx'),
    transmit: wave({ mean: pod.traffic * 0.7, daily: 0.45, wobble: 0.2, peakHour }, ...key, 'tx'),
  };
}

export interface GpuSignals {
  /** Share of the GPU's time in use, share of its memory, watts. */
  readonly use: Signal;
  readonly memory: Signal;
  readonly watts: Signal;
  readonly celsius: (t: number) => number;
}

export function gpuSignals(fleet: Fleet, gpu: Gpu): GpuSignals {
  const key = [fleet.seed, gpu.uuid];
  const use = wave({ mean: gpu.use, daily: 0.25, wobble: 0.06, peakHour: 20 }, ...key, 'use');
  const watts = scaled(use, gpu.maxWatts * 0.85, gpu.maxWatts * 0.1);
  return {
    use,
    memory: wave({ mean: Math.min(0.75, gpu.use + 0.1), daily: 0.05, wobble: 0.05 }, ...key, 'mem'),
    watts,
    celsius: (t) => Math.round(32 + (40 * watts.at(t)) / gpu.maxWatts),
  };
}
