import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  benchFleet,
  fleetSeries,
  loadHistory,
  type HistoryPlan,
  type Series,
  type Tier,
} from '@bud-monitoring/stack/fleet';

const hour = 3600;
const day = 24 * hour;

/** The moment of every request: the service's clock stands still there. */
export const end = Date.parse('2026-03-10T18:00:00Z') / 1000;

/** A cluster of the bench: how far back its samples reach, and how close they stand (seconds). */
interface BenchCluster {
  readonly nodes: number;
  readonly interval: number;
  readonly days: number;
  readonly cores: number;
  /** Samples only before midnight and before the end, unless it is dense: rows of each day, at little cost. */
  readonly sparse?: true;
}

/**
 * Whether the month has samples throughout, every 30 s in its last two days: 450 million of them, which take half an hour
 * to make, once.
 */
export const isDense = process.env['BENCH_DENSE'] === '1';
const denseDays = 2;

const clusters = {
  /** What most figures are about. */
  main: { nodes: 500, interval: 30, days: 2, cores: 2 },
  /** A fortnight of closely spaced samples: a week, and the week it is compared with. */
  week: { nodes: 60, interval: 30, days: 14, cores: 2 },
  small: { nodes: 100, interval: 120, days: 2, cores: 2 },
  large: { nodes: 1000, interval: 120, days: 2, cores: 2 },
  month: { nodes: 1000, interval: 300, days: 61, cores: 1, sparse: true },
} as const satisfies Record<string, BenchCluster>;

export type ClusterName = keyof typeof clusters;

/** Its id, and the number of its nodes. */
export interface Known {
  readonly id: string;
  readonly nodes: number;
  readonly interval: number;
  readonly days: number;
}

/** What nobody asks for is not written; what changes little is written for the last hours only. */
const throughout =
  /^(node_uname_info|node_memory_(MemTotal|MemAvailable)_bytes|node_filesystem_(size|avail)_bytes|node_network_(receive|transmit)_bytes_total|node_cpu_seconds_total|kepler_container_joules_total|kepler_node_package_joules_total|kube_node_info)$/;
const lately =
  /^(node_memory_(MemFree|Buffers|Cached)_bytes|node_network_(receive|transmit)_(errs|drop)_total|kubelet_running_pods|kube_node_status_(condition|capacity)|kube_pod_(info|status_ready)|kube_namespace_status_phase|kube_daemonset_.*)$/;
const modes = new Set(['user', 'system', 'idle', 'iowait']);
const latelySeconds = 25 * hour;

/** The tiers of history stand for the clusters here: each has its own spacing and reach. */
const tiers = {
  main: 'core',
  week: 'node',
  small: 'workload',
  large: 'workload',
  month: 'state',
} as const;

function seriesOf(name: ClusterName, seed: number): { id: string; series: Series[] } {
  const { nodes, cores } = clusters[name];
  const exporters = { kepler: 'legacy' } as const;
  const fleet = benchFleet({ anchor: end, seed, nodes, cores, exporters });
  const tier = tiers[name];
  const series = fleetSeries(fleet).flatMap((one): Series[] => {
    const { name: metric, labels, value } = one;
    const { mode, mountpoint, device } = labels;
    if (metric === 'node_cpu_seconds_total' && !modes.has(mode ?? '')) return [];
    if (metric.startsWith('node_filesystem_') && mountpoint !== '/') return [];
    if (metric.startsWith('node_network_') && device !== 'eth0') return [];
    if (throughout.test(metric)) return [{ ...one, tier }];
    if (!lately.test(metric)) return [];
    return [{ ...one, tier, value: (t) => (t < end - latelySeconds ? undefined : value(t)) }];
  });
  return { id: fleet.clusters[0]?.id ?? '', series };
}

const blockHours = 18;

function plan(): HistoryPlan {
  const length = blockHours * hour;
  const first = end - 61 * day;
  const slices: { start: number; end: number; blockHours: number }[] = [];
  for (let start = first; start <= end;) {
    const next = Math.min(end + 1, Math.floor(start / length) * length + length);
    slices.push({ start, end: next, blockHours });
    start = next;
  }
  const byTier = new Map<Tier, BenchCluster>(
    (Object.keys(tiers) as ClusterName[]).map((name) => [tiers[name], clusters[name]] as const),
  );
  return {
    slices,
    times(tier, slice) {
      const of = byTier.get(tier);
      if (of === undefined) return [];
      const times: number[] = [];
      const from = Math.max(slice.start, end - of.days * day);
      const intervalAt = (t: number) =>
        of.sparse && isDense && t >= end - denseDays * day ? 30 : of.interval;
      for (let t = Math.ceil(from / of.interval) * of.interval; t < slice.end; t += intervalAt(t)) {
        const written = !of.sparse || isDense || t % day >= 22 * hour || t > end - 2 * hour;
        if (written) times.push(t);
      }
      return times;
    },
  };
}

/** Ids and sizes of the clusters, without their samples. */
export function knownClusters(): Record<ClusterName, Known> {
  const names = Object.keys(clusters) as ClusterName[];
  return Object.fromEntries(
    names.map((name, index) => {
      const { nodes, interval, days } = clusters[name];
      const { id } = benchFleet({ anchor: end, seed: index + 1, nodes: 1 }).clusters[0] ?? {
        id: '',
      };
      return [name, { id, nodes, interval, days }];
    }),
  ) as Record<ClusterName, Known>;
}

/** Makes the blocks once, outside the checkout, and puts them into a data directory. */
export async function putBlocks(
  { dataDirectory, promtool }: { dataDirectory: string; promtool: string },
  say: (line: string) => void,
): Promise<void> {
  const kept =
    process.env['BENCH_DATA'] ??
    join(homedir(), `.cache/bud-monitoring/bench-metrics-1${isDense ? '-dense' : ''}`);
  if (!(await exists(kept))) {
    const half = `${kept}-${process.pid}`;
    await mkdir(half, { recursive: true });
    const names = Object.keys(clusters) as ClusterName[];
    const series = names.flatMap((name, index) => seriesOf(name, index + 1).series);
    say(`making samples of ${series.length} series (once, some minutes)`);
    const { samples } = await loadHistory({
      series,
      plan: plan(),
      dataDirectory: half,
      promtool,
      scratchDirectory: half,
      onProgress: ({ slices, slicesDone, samples: so }) => {
        if (slicesDone % 5 === 0)
          say(`${slicesDone} of ${slices} blocks, ${so / 1e6} million samples`);
      },
    }).catch(async (error: unknown) => {
      await rm(half, { recursive: true, force: true });
      throw error;
    });
    say(`${samples / 1e6} million samples made`);
    await rename(half, kept);
  }
  // Links: Prometheus may delete its own.
  const child = spawn('cp', ['-rl', `${kept}/.`, dataDirectory], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`cp ended with ${String(code)}`);
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
