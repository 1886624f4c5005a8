import { series, type KnownSeries } from '../../../stack/src/fleet/index.js';

/** A node whose figures never change, and when it was sampled. */
export interface SampledNode {
  readonly cluster: string;
  readonly ip: string;
  /** Unix seconds of node-exporter's samples; a list for each job that scrapes it. */
  readonly times: readonly (readonly number[])[];
  /** Of Kepler's; by default the first of those. */
  readonly powerTimes?: readonly number[];
  readonly cores?: number;
  /** Busy share of each core. */
  readonly cpu?: number;
  readonly mbps?: number;
  readonly watts?: number;
  /** Bytes; as much of them is in use as of the cores. */
  readonly memory?: number;
  /** Errors a second, received and sent each. */
  readonly errors?: number;
  /** What counters began with, in seconds of their growth. */
  readonly base?: number;
}

/** The series of such a node: 2 cores, 25 %, 10 Mbps, 40 W unless it says otherwise. */
export function sampledNode(node: SampledNode): KnownSeries[] {
  const { cluster, ip, times, powerTimes = times[0] ?? [], base = 1e5, errors = 0.5 } = node;
  const { cores = 2, cpu = 0.25, mbps = 10, watts = 40, memory = 8e9 } = node;
  const birth = Math.min(...times.map((own) => own[0] ?? Infinity));
  const grows = (perSecond: number) => (_elapsed: number, t: number) =>
    perSecond * (base + t - birth);
  const exporters = times.flatMap((own, index) => {
    const labels = { cluster, job: `node-${index}`, instance: `${ip}:9100` };
    const add = (name: string, more: Record<string, string>, values: KnownSeries['values']) => ({
      ...series(name, { ...labels, ...more }, values),
      times: own,
    });
    return [
      ...Array.from({ length: cores }, (_, core) => [
        add('node_cpu_seconds_total', { cpu: String(core), mode: 'user' }, grows(0.7 * cpu)),
        add('node_cpu_seconds_total', { cpu: String(core), mode: 'system' }, grows(0.3 * cpu)),
        add('node_cpu_seconds_total', { cpu: String(core), mode: 'idle' }, grows(1 - cpu)),
      ]).flat(),
      add('node_network_receive_bytes_total', { device: 'eth0' }, grows((mbps * 1e6) / 8)),
      add('node_network_receive_errs_total', { device: 'eth0' }, grows(errors)),
      add('node_network_transmit_errs_total', { device: 'eth0' }, grows(errors)),
      add('node_memory_MemTotal_bytes', {}, () => memory),
      add('node_memory_MemAvailable_bytes', {}, () => memory * (1 - cpu)),
    ];
  });
  const power = {
    ...series(
      'kepler_node_platform_joules_total',
      { cluster, job: 'kepler', instance: `${ip}:9102`, mode: 'dynamic' },
      grows(watts),
    ),
    times: powerTimes,
  };
  return [...exporters, power];
}

/** Times every so many seconds, each perhaps lost. */
export function every(
  interval: number,
  {
    from,
    to,
    phase = 0,
    lost = () => false,
  }: {
    from: number;
    to: number;
    phase?: number;
    lost?: () => boolean;
  },
): number[] {
  const count = Math.floor((to - from - phase) / interval) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, n) => from + phase + n * interval).filter(
    () => !lost(),
  );
}
