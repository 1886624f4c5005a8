import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import { gpuSignals } from '../node-signals.js';
import type { GpuSignals, NodeSignals } from '../node-signals.js';
import { hex, uuid } from '../../random.js';
import { scaled } from '../signal.js';
import type { Gpu, Labels, Series } from '../../types.js';

const MIB = 2 ** 20;
const RESERVED_MIB = 600;

/** The GPU exporters' series, each vendor with its own names, labels and units. */
export function gpuSeries(context: ClusterContext): Series[] {
  return context.nodes.flatMap((host) => {
    const out = createCollector(context, host.node.oddities.scrapeInterval);
    for (const [index, gpu] of host.node.gpus.entries()) {
      const labels = context.targets.gpuExporter(host, gpu.vendor);
      VENDORS[gpu.vendor]({
        out,
        host,
        gpu,
        index: String(index),
        labels,
        signals: gpuSignals(context.fleet, gpu),
      });
    }
    if (host.node.gpus[0]?.vendor === 'gaudi') kubeInfo(out, context, host);
    return out.series;
  });
}

interface Device {
  out: Collector;
  host: NodeSignals;
  gpu: Gpu;
  index: string;
  labels: Labels;
  signals: GpuSignals;
}

const VENDORS = { nvidia: dcgm, amd, gaudi };

/** DCGM: memory in MiB, energy in mJ, utilisation in percent, engine activity from 0 to 1. */
function dcgm({ out, host, gpu, index, labels, signals }: Device): void {
  const of = {
    ...labels,
    gpu: index,
    UUID: gpu.uuid,
    device: `nvidia${index}`,
    pci_bus_id: `00000000:${(0x1b + Number(index) * 0x10).toString(16).toUpperCase()}:00.0`,
    modelName: gpu.model,
    Hostname: host.node.name,
    DCGM_FI_DRIVER_VERSION: '560.35.03',
  };
  if (gpu.slices !== undefined) {
    for (const [id, share] of gpu.slices.entries()) {
      const slice = { GPU_I_ID: String(id), GPU_I_PROFILE: `${share}g.${10 * share}gb` };
      migSlice({ out, host, gpu, index, signals, labels: { ...of, ...slice } }, share);
    }
    return;
  }
  const add = adder(out, host, of);
  const total = gpu.memoryBytes / MIB;
  const used = (t: number) => Math.floor((total - RESERVED_MIB) * signals.memory.at(t));
  add('DCGM_FI_DEV_GPU_UTIL', (t) => Math.round(100 * signals.use.at(t)));
  add('DCGM_FI_DEV_FB_USED', used);
  add('DCGM_FI_DEV_FB_FREE', (t) => total - RESERVED_MIB - used(t));
  add('DCGM_FI_DEV_FB_RESERVED', () => RESERVED_MIB);
  add('DCGM_FI_DEV_GPU_TEMP', signals.celsius);
  add('DCGM_FI_DEV_POWER_USAGE', (t) => milli(signals.watts.at(t)));
  add('DCGM_FI_DEV_XID_ERRORS', () => 0);
  add('DCGM_FI_PROF_GR_ENGINE_ACTIVE', (t) => milli(signals.use.at(t)));
  const millijoules = host.counter(scaled(signals.watts, 1e3));
  out.add('node', 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', of, millijoules);
}

/** A MIG instance of so many of seven compute slices: its own use and memory, watts and joules of the whole GPU. */
function migSlice({ out, host, gpu, labels, signals }: Device, share: number): void {
  const add = adder(out, host, labels);
  const total = (gpu.memoryBytes / MIB / 8) * share;
  const used = (t: number) => Math.floor(total * signals.memory.at(t));
  add('DCGM_FI_DEV_FB_USED', used);
  add('DCGM_FI_DEV_FB_FREE', (t) => total - used(t));
  add('DCGM_FI_DEV_GPU_TEMP', signals.celsius);
  add('DCGM_FI_DEV_POWER_USAGE', (t) => milli(signals.watts.at(t)));
  add('DCGM_FI_PROF_GR_ENGINE_ACTIVE', (t) => milli(signals.use.at(t)));
  const millijoules = host.counter(scaled(signals.watts, 1e3));
  out.add('node', 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', labels, millijoules);
}

/** AMD's exporter: lower-case names, memory in MiB, energy in µJ. */
function amd({ out, host, gpu, index, labels, signals }: Device): void {
  const of = {
    ...labels,
    gpu_id: index,
    gpu_uuid: gpu.uuid,
    gpu_partition_id: '0',
    gpu_compute_partition_type: 'spx',
    serial_number: `6924${String(parseInt(hex(7, gpu.uuid), 16)).padStart(9, '0')}`,
    card_model: '102-G30211-0C',
    card_series: gpu.model,
    card_vendor: 'AMD',
    driver_version: '6.12.12',
    hostname: host.node.name,
  };
  const add = adder(out, host, of);
  const total = gpu.memoryBytes / MIB;
  const used = (t: number) => Math.floor(total * signals.memory.at(t));
  add('gpu_gfx_activity', (t) => Math.round(100 * signals.use.at(t)));
  add('gpu_used_vram', used);
  add('gpu_total_vram', () => total);
  add('gpu_free_vram', (t) => total - used(t));
  add('gpu_junction_temperature', signals.celsius);
  add('gpu_package_power', (t) => Math.round(signals.watts.at(t)));
  out.add('node', 'gpu_energy_consumed', of, host.counter(scaled(signals.watts, 1e6)));
}

/** Intel Gaudi: power in mW, memory in bytes, energy in mJ. Only `instance` and a join name the node. */
function gaudi({ out, host, gpu, index, labels, signals }: Device): void {
  const serial = `AN${hex(8, gpu.uuid).toUpperCase()}`;
  const of = {
    ...labels,
    Serial: serial,
    UUID: gpu.uuid,
    device: serial,
    id: index,
    driver: '1.23.0-695',
    pod_namespace: '',
    pod_name: '',
  };
  const add = adder(out, host, of);
  const used = (t: number) => Math.floor(gpu.memoryBytes * signals.memory.at(t));
  add('habanalabs_utilization', (t) => Math.round(100 * signals.use.at(t)));
  add('habanalabs_memory_used_bytes', used);
  add('habanalabs_memory_total_bytes', () => gpu.memoryBytes);
  add('habanalabs_memory_free_bytes', (t) => gpu.memoryBytes - used(t));
  add('habanalabs_temperature_onchip', signals.celsius);
  add('habanalabs_power_mW', (t) => Math.round(1000 * signals.watts.at(t)));
  out.add('node', 'habanalabs_energy', of, host.counter(scaled(signals.watts, 1e3)));
}

function kubeInfo(out: Collector, { targets, cluster }: ClusterContext, host: NodeSignals): void {
  const { name, ip } = host.node;
  const labels = {
    ...targets.gpuExporter(host, 'gaudi'),
    podName: 'habana-metric-exporter-ds',
    podIP: ip,
    node: name,
    hostname: uuid(cluster.id, name, 'pod').slice(0, 8),
  };
  out.add(
    'state',
    'habanalabs_kube_info',
    labels,
    host.gauge(() => 1),
  );
}

function adder(out: Collector, host: NodeSignals, labels: Labels) {
  return (name: MetricName, value: (t: number) => number) =>
    out.add('node', name, labels, host.gauge(value));
}

function milli(value: number): number {
  return Math.round(value * 1000) / 1000;
}
