import type { MetricName, MetricType } from '@bud-monitoring/contracts';
import { heartbeatMetrics } from '../targets/node-exporter.js';
import { cpu } from './cpu.js';
import { gpuMetricNames } from './gpu.js';
import { inferenceMetricNames } from './inference/figures.js';
import { memory } from './memory.js';
import { networkBandwidth, networkIn, networkOut } from './network.js';
import { powerMetricNames } from './power.js';
import { storage } from './storage.js';
import type { NodeMetric } from './types.js';
import { workloadMetricNames } from './workloads.js';

/** Every metric that node-exporter gives. Adding one is adding its entry here and its fields in the contract. */
export const nodeMetrics: readonly NodeMetric[] = [
  memory,
  cpu,
  storage,
  networkIn,
  networkOut,
  networkBandwidth,
];

const network = ['network_in', 'network_out', 'network_bandwidth'] as const;

/** The metrics of each `metric_type`. */
const requested: Readonly<Record<MetricType, readonly MetricName[]>> = {
  all: ['memory', 'cpu', 'storage', ...network, 'power', 'gpu'],
  memory: ['memory'],
  cpu: ['cpu'],
  disk: ['storage'],
  network,
  network_in: ['network_in'],
  network_out: ['network_out'],
  network_bandwidth: ['network_bandwidth'],
  power: ['power'],
  gpu: ['gpu'],
  hpu: ['gpu'],
  inference: [],
};

export interface Selection {
  readonly type: MetricType;
  readonly nodeMetrics: readonly NodeMetric[];
  readonly power: boolean;
  /** Vendors of the GPUs in the answer; none without GPUs. */
  readonly gpuVendors: readonly string[];
  readonly workloads: boolean;
  /** Whether the models that are served are in the answer. */
  readonly inference: boolean;
}

/** The contents of the answer for a `metric_type`, of all nodes or of some. */
export function selectionOf(type: MetricType, ofSomeNodes = false): Selection {
  const names = requested[type];
  const vendors = type === 'hpu' ? ['intel'] : ['nvidia', 'amd', 'intel'];
  return {
    type,
    nodeMetrics: nodeMetrics.filter(({ name }) => names.includes(name)),
    power: names.includes('power'),
    gpuVendors: names.includes('gpu') ? vendors : [],
    workloads: type === 'all',
    // Which node a replica is on is not known.
    inference: !ofSomeNodes && (type === 'all' || type === 'inference'),
  };
}

/** Every metric that the answer may read, names and regular expressions of names: what a probe looks for. */
export const catalogueMetricNames: readonly string[] = [
  ...new Set([
    ...heartbeatMetrics,
    'kube_node_info',
    ...nodeMetrics.flatMap(({ quantities }) =>
      quantities.flatMap(({ metricNames }) => metricNames),
    ),
    ...powerMetricNames,
    ...gpuMetricNames,
    ...workloadMetricNames,
    ...inferenceMetricNames,
  ]),
];
