import type { LabelMatcher } from '@bud-monitoring/promql';
import type { Figure, FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import { endReading } from '../targets/instant-reading.js';
import type { FallbackFigure } from '../targets/probe.js';
import { nodeTargets } from '../targets/node-exporter.js';
import { round } from '../units.js';
import { isBeyond, percentBounds, percentOf, plausible } from '../bounds.js';
import type { NodeMetric, Quantity } from './types.js';

const seconds = 'node_cpu_seconds_total';
/** Busy share by the node mixin's recording rule: the same modes count as here. */
export const recordedCpu = 'instance:node_cpu_utilisation:rate5m';

const busy = { label: 'mode', op: '!~', value: 'idle|iowait|steal' } as const;
const rest = { ...busy, op: '=~' } as const;
const idle = { label: 'mode', op: '=', value: 'idle' } as const;
/** One of these is kept where relabelling drops modes to save series. */
const kept = { label: 'mode', op: '=~', value: 'idle|user' } as const;
/** Known as metrics are where nodes lack the mode idle, or all but those that the node mixin's rule reads. */
const withoutIdle = 'node_cpu_seconds_total without idle';
const withoutBusy = 'node_cpu_seconds_total without busy';

/** Some of these were there whenever the node was. */
const firstCores = { label: 'cpu', op: '=~', value: '(cpu)?[0-3]' } as const;
/** Series that are sums over the cores do not tell how many there are. */
const ofOneCore = { label: 'cpu', op: '!=', value: '' } as const;

const coresOf = (expr: string) => `count by (instance) (max by (instance, cpu) (${expr}))`;

/** One series of each core, or two. */
export function coreSeries(scope: Scope, ...more: LabelMatcher[]): string {
  return scope.select(seconds, scope.has(withoutIdle) ? kept : idle, ofOneCore, ...more);
}

/** How many nodes lack the mode idle, or those in which cores are busy: only then is more read than those. */
export function cpuFallbackFigures(scope: Scope): FallbackFigure[] {
  if (!scope.has(seconds)) return [];
  const nodesWith = (mode: string) => {
    const of = scope.select(seconds, { ...idle, value: mode }, firstCores);
    return `count by (instance) (${endReading.latest(of)})`;
  };
  const alone = (metric: string, own: string, other: string): FallbackFigure => {
    const expr = `count(${nodesWith(own)} unless on (instance) ${nodesWith(other)})`;
    return { metric, figure: { figure: `alone:cpu:${own}`, expr } };
  };
  return [alone(withoutIdle, 'user', 'idle'), alone(withoutBusy, 'idle', 'user')];
}

const coreSeconds = (scope: Scope, figure: string, modes: LabelMatcher): CounterFigure => ({
  figure,
  group: nodeTargets(scope),
  expr: (of) => `sum without (cpu, mode) (${of(scope.select(seconds, modes))})`,
});

/** Busy core-seconds of each target. */
export const busyFigure = (scope: Scope) => coreSeconds(scope, 'cpu:busy', busy);
/** The other core-seconds. */
export const restFigure = (scope: Scope) => coreSeconds(scope, 'cpu:rest', rest);

/** Busy cores of so many: where nothing tells them, those that are not at rest. */
export function busyCoresOf(read: FigureReader, cores: number | null): number | null {
  const resting = read('cpu:rest');
  return (
    read('cpu:busy') ?? (cores === null || resting === null ? null : Math.max(0, cores - resting))
  );
}

const quantity: Quantity = {
  id: 'cpu',
  metricNames: [seconds, recordedCpu],
  counters: (scope) =>
    scope.has(withoutBusy) ? [busyFigure(scope), restFigure(scope)] : [busyFigure(scope)],
  instant: (scope, { latest }) => [
    { figure: 'cpu:cores', expr: coresOf(latest(coreSeries(scope))) },
    ...ruleFigures(scope, latest),
  ],
  mean(scope, { rangeSelector }) {
    const count = (selected: string) => `count_over_time(${selected}${rangeSelector})`;
    const ofEach = `max by (instance, cpu) (${count(coreSeries(scope))})`;
    const cores = [
      { figure: 'cpu:samples', expr: `sum by (instance) (${ofEach})` },
      {
        figure: 'cpu:most',
        expr: `max by (instance) (${count(coreSeries(scope, firstCores))})`,
      },
    ];
    const rule = scope.select(recordedCpu);
    const sum = (figure: string, of: string) => ({
      figure,
      expr: `sum by (instance) (${of}(${rule}${rangeSelector}))`,
    });
    return scope.has(recordedCpu)
      ? [...cores, sum('cpu:rule', 'sum_over_time'), sum('cpu:rules', 'count_over_time')]
      : cores;
  },
  isRecorded: true,
  meanOf: usageOf,
  weightOf: coresIn,
  points: (scope, { latest }) => [
    { figure: 'cpu:cores', expr: coresOf(latest(coreSeries(scope))) },
    ...ruleFigures(scope, latest),
  ],
};

/** CPU in percent of all cores; the cluster's is busy cores over all cores. */
export const cpu: NodeMetric<'cpu'> = {
  name: 'cpu',
  quantities: [quantity],
  kind: 'share',
  figures: ['cpu:busy', 'cpu:cores'],
  otherFigures: ['cpu:rule', 'cpu:rules'],
  weight: 'cpu:cores',
  bounds: percentBounds,
  completed: (read) => (figure) =>
    figure === 'cpu:busy' ? busyCoresOf(read, coresIn(read)) : read(figure),
  implausible: (read) => (isBeyond(usageOf(read), percentBounds) ? ['cpu:busy'] : []),
  main: 'usage_percent',
  fields(read: FigureReader) {
    const usage = usageOf(read);
    return {
      usage_percent: usage === null ? null : round(plausible(usage, percentBounds)),
      cores: read('cpu:cores'),
    };
  },
};

/** What the recording rule says at an instant. */
function ruleFigures(scope: Scope, latest: (selected: string) => string): Figure[] {
  if (!scope.has(recordedCpu)) return [];
  const rule = latest(scope.select(recordedCpu));
  return [
    { figure: 'cpu:rule', expr: `max by (instance) (${rule})` },
    { figure: 'cpu:rules', expr: `count by (instance) (max by (instance) (${rule}))` },
  ];
}

/** Cores at an instant; over a range as many as there were on average, since a node may be resized in it. */
function coresIn(read: FigureReader): number | null {
  const [samples, most] = [read('cpu:samples'), read('cpu:most')];
  return read('cpu:cores') ?? (samples === null || most === null ? null : samples / most);
}

/** By the counters; where they were not read or are gone, by the recording rule. */
function usageOf(read: FigureReader): number | null {
  const cores = coresIn(read);
  return (
    percentOf(busyCoresOf(read, cores), cores) ?? percentOf(read('cpu:rule'), read('cpu:rules'))
  );
}

/** How much the recording rule says more or less than the counters, as a share of each node's cores. */
export function ruleError(scope: Scope): string | null {
  if (!scope.has(recordedCpu) || !scope.has(seconds)) return null;
  const rate = `rate(${scope.select(seconds, busy)}[5m])`;
  const raw = `sum by (instance) (max by (instance, cpu, mode) (${rate})) / ${coresOf(coreSeries(scope))}`;
  return `abs(max by (instance) (${scope.select(recordedCpu)}) - on (instance) (${raw}))`;
}

/** Metric and matchers, for expressions over many clusters. */
export const cpuSource = { seconds, busy } as const;
