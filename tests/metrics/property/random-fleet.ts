import { series, type KnownSeries } from '../../../stack/src/fleet/index.js';
import type { Random } from './random.js';

/** A counter of a node: its value and the samples that were taken of it. */
export interface Counter {
  readonly value: (t: number) => number;
  /** What is counted a second at a time, also while nobody samples it. */
  readonly rate: (t: number) => number;
  readonly target: Target;
}

/** A target of a node. */
export interface Target {
  /** Seconds. */
  readonly interval: number;
  /** Unix seconds. */
  readonly times: readonly number[];
}

export interface RandomNode {
  readonly ip: string;
  readonly cores: number;
  readonly isRamp: boolean;
  /** When its counters began anew. */
  readonly resets: readonly number[];
  /** A second job that scrapes CPU and network of the same exporter, for a part of its life or all of it. */
  readonly second: Target | null;
  /** Seconds that its counters of CPU time have counted. */
  readonly counted: (t: number) => number;
  /** Busy cores a core, bytes received and joules: growth a second. */
  readonly counters: Readonly<Record<'cpu' | 'network' | 'power', Counter>>;
}

export interface RandomCluster {
  readonly id: string;
  readonly nodes: readonly RandomNode[];
}

/** Longest gap between samples that is covered, seconds. */
const longestGap = 300.5;

/**
 * A cluster whose targets are scraped every 3 to 290 s, some of them with jitter, loss, outages and restarts,
 * by nodes that come and go.
 */
export function randomCluster(random: Random, id: string, end: number): RandomCluster {
  const { next, between, pick } = random;
  const kind = pick(['clean', 'mixed', 'wild', 'wild']);
  const hours = pick([0.3, 1, 3, 8, 15]);
  const born = end - hours * 3600;
  const count = 1 + Math.floor(next() * 4);
  const nodes = Array.from({ length: count }, (_, index): RandomNode => {
    const isWild = kind === 'wild';
    const birth = isWild && next() < 0.3 ? between(born, end - 400) : born + between(0, 5);
    const death = isWild && next() < 0.25 ? Math.min(end, birth + between(300, 4 * 3600)) : end + 1;
    const outages = Array.from({ length: isWild ? Math.floor(next() * 3) : 0 }, () => {
      const start = between(birth, death);
      const length = pick([between(60, 290), between(400, 5000)]);
      return { start, end: start + length, restarts: next() < 0.4 };
    });
    const resets = outages.filter(({ restarts }) => restarts).map((outage) => outage.end - 1);
    if (isWild && next() < 0.3) resets.push(between(birth, death));
    resets.sort((a, b) => a - b);
    const isRamp = next() < 0.3;
    const base = pick([0, 0, 30, 1e6]);
    /** Grows by `perSecond`, or towards it from three tenths of it. */
    const counter = (perSecond: number, target: Target): Counter => {
      const rate = (t: number) =>
        isRamp ? perSecond * (0.3 + (0.7 * (t - born)) / (end - born)) : perSecond;
      const value = (t: number) => {
        const from = resets.findLast((reset) => reset <= t);
        const since = from ?? birth;
        const grown = ((t - since) * (rate(since) + rate(t))) / 2;
        return (from === undefined ? base * perSecond : 0) + grown;
      };
      return { value, rate, target };
    };
    const target = (): Target => {
      const least = hours > 3 ? 10 : 3;
      const interval =
        kind === 'clean' ? pick([15, 30, 60]) : Math.exp(between(Math.log(least), Math.log(290)));
      const jitter =
        kind === 'clean' ? 0.002 : Math.min(pick([0.01, 0.1, 0.2]), 300 / interval - 1);
      const loss = isWild ? pick([0, 0, 0.1, 0.3]) : 0;
      const phase = between(0, interval);
      const most = Math.ceil((end - birth) / interval);
      const times = Array.from({ length: most }, (_, n) => {
        const t = birth + phase + n * interval + between(-0.5, 0.5) * jitter * interval;
        return Math.round(1000 * t) / 1000;
      }).filter((t) => {
        const isOut = outages.some((outage) => outage.start <= t && t < outage.end);
        return next() >= loss && !isOut && t >= birth && t < death && t <= end;
      });
      return { interval, times };
    };
    const [exporter, kepler] = [target(), target()];
    const second = (): Target => {
      const whole = target();
      const from = pick([birth, between(birth, end)]);
      const to = pick([end, between(from, end)]);
      return { ...whole, times: whole.times.filter((t) => from <= t && t <= to) };
    };
    return {
      ip: `10.0.0.${index + 1}`,
      cores: pick([1, 2, 4]),
      isRamp,
      resets,
      counted: (t) => {
        const from = resets.findLast((reset) => reset <= t);
        return t - (from ?? birth - base);
      },
      second: isWild && next() < 0.3 ? second() : null,
      counters: {
        cpu: counter(between(0.05, 0.9), exporter),
        network: counter(between(1e5, 2e7), exporter),
        power: counter(between(20, 300), kepler),
      },
    };
  });
  return { id, nodes };
}

/** The series of such a cluster. */
export function seriesOf({ id, nodes }: RandomCluster): KnownSeries[] {
  return nodes.flatMap(
    ({ ip, cores, counted, second, counters: { cpu, network, power } }, index) => {
      const add = (
        name: string,
        labels: Record<string, string>,
        { times }: Target,
        value: (t: number) => number,
      ) => {
        const values = (_elapsed: number, t: number) => value(t);
        return { ...series(name, { cluster: id, ...labels }, values), times };
      };
      const node = { job: 'node', instance: `${ip}:9100` };
      const work = (labels: typeof node, target: Target) => [
        ...Array.from({ length: cores }, (_, core) =>
          Object.entries({
            user: (t: number) => 0.7 * cpu.value(t),
            system: (t: number) => 0.3 * cpu.value(t),
            idle: (t: number) => counted(t) - cpu.value(t),
          }).map(([mode, value]) =>
            add('node_cpu_seconds_total', { ...labels, cpu: String(core), mode }, target, value),
          ),
        ).flat(),
        add(
          'node_network_receive_bytes_total',
          { ...labels, device: 'eth0' },
          target,
          network.value,
        ),
        ...Object.entries({ receive: 1e-6, transmit: 5e-7 }).map(([direction, perByte]) =>
          add(
            `node_network_${direction}_errs_total`,
            { ...labels, device: 'eth0' },
            target,
            (t) => perByte * network.value(t),
          ),
        ),
      ];
      return [
        ...work(node, cpu.target),
        ...(second === null ? [] : work({ ...node, job: 'second' }, second)),
        add('node_memory_MemTotal_bytes', node, cpu.target, () => cores * 8e9),
        add('node_memory_MemAvailable_bytes', node, cpu.target, () => 2e9 + index * 1e9),
        add(
          'kepler_node_platform_joules_total',
          { job: 'kepler', instance: `${ip}:9102`, mode: 'dynamic' },
          power.target,
          power.value,
        ),
      ].filter(({ times }) => times.length > 0);
    },
  );
}

/**
 * What a counter did in a window, worked out pair by pair of its samples: `mean` by what they say, and `real`, which has
 * what a restart between two of them hides; `clipped` has a part of the pairs that reach over the edges, and `begun` of
 * that which reaches over the first alone. `longest` is the most seconds between two.
 */
export function truthOf({ value, rate, target: { times } }: Counter, start: number, end: number) {
  let [growth, real, seconds, covered, longest, clipped, clippedSeconds] = [0, 0, 0, 0, 0, 0, 0];
  let begun = 0;
  for (const [index, to] of times.entries()) {
    const from = times[index - 1];
    if (from === undefined || to - from > longestGap || to <= start || from >= end) continue;
    longest = Math.max(longest, to - from);
    const part = Math.min(to, end) - Math.max(from, start);
    clipped += rate((from + to) / 2) * part;
    if (to <= end) {
      covered += part;
      begun += rate((from + to) / 2) * part;
    }
    clippedSeconds += part;
    if (from < start || to > end) continue;
    const [before, after] = [value(from), value(to)];
    growth += after < before ? after : after - before;
    real += rate((from + to) / 2) * (to - from);
    seconds += to - from;
  }
  const known =
    seconds > 0
      ? {
          mean: growth / seconds,
          real: real / seconds,
          clipped: clipped / clippedSeconds,
          begun: begun / covered,
        }
      : null;
  return { known, seconds, covered, longest };
}
