import type { MetricName, MetricType } from '@bud-monitoring/contracts';
import { cpu } from './cpu.js';
import { heartbeats } from '../targets/node-exporter.js';
import { gpuReads, gpuVendors } from './gpu.js';
import { memory } from './memory.js';
import { networkBandwidth, networkIn, networkOut } from './network.js';
import { powerReads, powerSources } from './power.js';
import { storage } from './storage.js';
import type { NodeMetric } from './types.js';
import { workloadReads } from './workloads.js';

/** Every metric that node-exporter gives. Adding one is adding its entry here and its wire form. */
export const nodeMetrics: readonly NodeMetric[] = [
  memory,
  cpu,
  storage,
  networkIn,
  networkOut,
  networkBandwidth,
];

const network = ['network_in', 'network_out', 'network_bandwidth'] as const;

/** What each `metric_type` asks for. */
const asked: Readonly<Record<MetricType, readonly MetricName[]>> = {
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
};

export interface Selection {
  readonly type: MetricType;
  readonly nodeMetrics: readonly NodeMetric[];
  readonly power: boolean;
  /** Vendors of the GPUs asked for; none without GPUs. */
  readonly gpuVendors: readonly string[];
  readonly workloads: boolean;
}

/** What is to be answered for a `metric_type`. */
export function selectionOf(type: MetricType): Selection {
  const names = asked[type];
  const vendors = type === 'hpu' ? ['intel'] : ['nvidia', 'amd', 'intel'];
  return {
    type,
    nodeMetrics: nodeMetrics.filter(({ name }) => names.includes(name)),
    power: names.includes('power'),
    gpuVendors: names.includes('gpu') ? vendors : [],
    workloads: type === 'all',
  };
}

/** Every metric of the store that the answer may need: what a probe looks for. */
export const allReads: readonly string[] = [
  ...new Set([
    ...heartbeats,
    'kube_node_info',
    ...nodeMetrics.flatMap(({ quantities }) => quantities.flatMap(({ reads }) => reads)),
    ...powerReads,
    ...gpuReads,
    ...workloadReads,
  ]),
];

/** Those whose scrape interval matters, beside node-exporter's. */
export const allCounters: readonly string[] = [
  ...new Set([
    ...powerSources.map(({ metric }) => metric),
    ...gpuVendors.flatMap(({ fields, energy }) => [
      ...(fields.utilization ?? []).map(({ metric }) => metric),
      ...(energy ? [energy.metric] : []),
    ]),
  ]),
];
