import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals } from '../node-signals.js';
import { constant, scaled } from '../signal.js';
import type { Signal } from '../signal.js';
import type { Labels, Series } from '../../types.js';

/** How busy time is divided among the modes that count as busy. */
const BUSY_MODES = { user: 0.68, system: 0.24, nice: 0.02, softirq: 0.04, irq: 0.02 };

/**
 * Devices of a node: traffic as a multiple of what the real one carries. All but eth0 must not be
 * counted, and would be seen if they were.
 */
export const DEVICES = { eth0: 1, lo: 0.8, veth3f8a21c: 0.6, cali8d1e44b: 0.5 };

/** The same of a node whose traffic is carried by two. */
const BONDED = { ...DEVICES, eth0: 0.6, eth1: 0.4, bond0: 1, 'bond0.100': 0.9 };

const BYTES_PER_READ = 24_576;
const BYTES_PER_WRITE = 12_288;
const BYTES_PER_PACKET = 820;

/** node-exporter's series: `instance` is the node's address, and no label names the node. */
export function nodeExporterSeries(context: ClusterContext): Series[] {
  return context.nodes.flatMap((node) => {
    const { scrapeInterval, secondExporter = false } = node.node.oddities;
    const out = createCollector(context, scrapeInterval);
    for (const port of secondExporter ? [9100, 9796] : [9100])
      exporter(out, node, context.targets.nodeExporter(node, port));
    return out.series;
  });
}

function exporter(out: Collector, node: NodeSignals, labels: Labels): void {
  system(out, node, labels);
  cpu(out, node, labels);
  memory(out, node, labels);
  disks(out, node, labels);
  kernel(out, node, labels);
  network(out, node, labels);
  if (node.node.rapl) rapl(out, node, labels);
}

function system(out: Collector, signals: NodeSignals, labels: Labels): void {
  const { name, cores } = signals.node;
  const uname = {
    nodename: name,
    sysname: 'Linux',
    release: KERNEL,
    machine: 'x86_64',
    domainname: '(none)',
    version: '#40-Ubuntu SMP',
  };
  const booted = signals.gauge((t) => signals.bootedAt(t));
  const always = signals.gauge(() => 1);
  out.add('node', 'node_uname_info', { ...labels, ...uname }, always);
  out.add('node', 'node_boot_time_seconds', labels, booted);
  const load = (t: number) => round(1.1 * signals.busy.at(t) * cores);
  out.add('node', 'node_load1', labels, signals.gauge(load));
  out.add(
    'node',
    'node_load5',
    labels,
    signals.gauge((t) => load(t - 150)),
  );
}

/** The kernel that `uname`, kube-state-metrics and bud-cluster name alike. */
export const KERNEL = '6.8.0-51-generic';

function cpu(out: Collector, signals: NodeSignals, labels: Labels): void {
  const { cores } = signals.node;
  for (let core = 0; core < cores; core += 1) {
    // Cores differ a little, in pairs, so that their mean is the node's.
    const paired = core - (core % 2) + 1 < cores;
    const lean = paired ? 1 + (core % 2 === 0 ? 0.04 : -0.04) : 1;
    const busy = scaled(signals.busy, lean);
    const add = (mode: string, signal: Signal) =>
      out.add(
        'detail',
        'node_cpu_seconds_total',
        { ...labels, cpu: String(core), mode },
        signals.counter(signal, 2),
      );
    for (const [mode, share] of Object.entries(BUSY_MODES)) add(mode, scaled(busy, share));
    add('iowait', signals.iowait);
    add('steal', signals.steal);
    add('idle', rest([busy, signals.iowait, signals.steal]));
  }
}

/** What the others leave of a whole. */
function rest(others: readonly Signal[]): Signal {
  const whole = constant(1);
  return {
    at: (t) => others.reduce((left, other) => left - other.at(t), whole.at(t)),
    integral: (t) => others.reduce((left, other) => left - other.integral(t), whole.integral(t)),
  };
}

function memory(out: Collector, signals: NodeSignals, labels: Labels): void {
  const total = signals.node.memoryBytes;
  const available = (t: number) => Math.floor(total * (1 - signals.memory.at(t)));
  const add = (name: MetricName, value: (t: number) => number) =>
    out.add('node', name, labels, signals.gauge(value));
  add('node_memory_MemTotal_bytes', () => total);
  add('node_memory_MemAvailable_bytes', available);
  add('node_memory_MemFree_bytes', (t) => Math.floor(available(t) * 0.35));
  add('node_memory_Buffers_bytes', () => Math.floor(total * 0.01));
  add('node_memory_Cached_bytes', (t) => Math.floor(available(t) * 0.6));
}

function disks(out: Collector, signals: NodeSignals, labels: Labels): void {
  const { diskBytes, oddities } = signals.node;
  const { readOnlyRoot = false } = oddities;
  const mountpoint = readOnlyRoot ? '/var' : '/';
  const root = { ...labels, device: '/dev/vda1', fstype: 'ext4', mountpoint };
  if (readOnlyRoot) image(out, signals, labels);
  const available = (t: number) => Math.floor(diskBytes * (1 - signals.disk(t)));
  const size = signals.gauge(() => diskBytes);
  out.add('node', 'node_filesystem_size_bytes', root, size);
  out.add('node', 'node_filesystem_avail_bytes', root, signals.gauge(available));
  const files = Math.floor(diskBytes / 16_384);
  out.add(
    'state',
    'node_filesystem_files',
    root,
    signals.gauge(() => files),
  );
  const filesFree = signals.gauge((t) => Math.floor(files * (1 - signals.disk(t) / 4)));
  out.add('state', 'node_filesystem_files_free', root, filesFree);
  const disk = { ...labels, device: 'vda' };
  const reads = scaled(signals.busy, 60);
  const writes = scaled(reads, 2.5);
  out.add('node', 'node_disk_reads_completed_total', disk, signals.counter(reads));
  out.add('node', 'node_disk_writes_completed_total', disk, signals.counter(writes));
  const read = signals.counter(scaled(reads, BYTES_PER_READ));
  out.add('state', 'node_disk_read_bytes_total', disk, read);
  const written = signals.counter(scaled(writes, BYTES_PER_WRITE));
  out.add('state', 'node_disk_written_bytes_total', disk, written);
}

/** A root file system that is full and cannot be written, as on immutable systems. */
function image(out: Collector, signals: NodeSignals, labels: Labels): void {
  const of = { ...labels, device: '/dev/dm-0', fstype: 'erofs', mountpoint: '/' };
  const add = (name: MetricName, value: number) =>
    out.add(
      'node',
      name,
      of,
      signals.gauge(() => value),
    );
  add('node_filesystem_size_bytes', 292 * 2 ** 20);
  add('node_filesystem_avail_bytes', 0);
  add('node_filesystem_readonly', 1);
}

function kernel(out: Collector, signals: NodeSignals, labels: Labels): void {
  const add = (name: MetricName, value: (t: number) => number) =>
    out.add('state', name, labels, signals.gauge(value));
  const limit = 65_536 * signals.node.cores;
  add('node_nf_conntrack_entries_limit', () => limit);
  add('node_nf_conntrack_entries', (t) => Math.floor(limit * 0.2 * signals.busy.at(t)));
  add('node_timex_sync_status', () => 1);
  add('node_timex_offset_seconds', (t) => Math.round(100 * Math.sin(t / 900)) / 1e6);
}

function network(out: Collector, signals: NodeSignals, labels: Labels): void {
  const errors = signals.node.incidents.errorsPerSecond ?? 0.002;
  const devices = signals.node.oddities.bonded === true ? BONDED : DEVICES;
  for (const [device, factor] of Object.entries(devices)) {
    const of = { ...labels, device };
    for (const direction of ['receive', 'transmit'] as const) {
      const bytes = scaled(signals[direction], factor);
      const count = (what: 'bytes' | 'packets' | 'errs' | 'drop', signal: Signal) =>
        out.add('node', `node_network_${direction}_${what}_total`, of, signals.counter(signal));
      count('bytes', bytes);
      if (device !== 'eth0') continue;
      count('packets', scaled(bytes, 1 / BYTES_PER_PACKET));
      count('errs', constant(direction === 'receive' ? errors : errors / 4));
      count('drop', constant(direction === 'receive' ? errors / 2 : 0));
    }
  }
  // Errors on a device that must not be counted.
  const veth = { ...labels, device: 'veth3f8a21c' };
  out.add('node', 'node_network_receive_errs_total', veth, signals.counter(constant(5)));
}

function rapl(out: Collector, signals: NodeSignals, labels: Labels): void {
  const zone = { index: '0', path: '/sys/class/powercap/intel-rapl:0' };
  out.add(
    'node',
    'node_rapl_package_joules_total',
    { ...labels, ...zone },
    signals.counter(signals.packageWatts, 3),
  );
  out.add(
    'node',
    'node_rapl_dram_joules_total',
    { ...labels, index: '0', path: `${zone.path}:0` },
    signals.counter(signals.dramWatts, 3),
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
