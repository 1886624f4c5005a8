import type { FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import { nodeTargets } from '../targets/node-exporter.js';
import { round } from '../units.js';
import { isBeyond, percentBounds, percentOf, plausible } from '../bounds.js';
import type { NodeMetric, Quantity } from './types.js';

const seconds = 'node_cpu_seconds_total';
/** Busy share by the node mixin's recording rule: the same modes count as here. */
export const recordedCpu = 'instance:node_cpu_utilisation:rate5m';

const busy = { label: 'mode', op: '!~', value: 'idle|iowait|steal' } as const;
const idle = { label: 'mode', op: '=', value: 'idle' } as const;

const coresOf = (expr: string) => `count by (instance) (max by (instance, cpu) (${expr}))`;

/** Busy core-seconds of each target. */
export function busyFigure(scope: Scope): CounterFigure {
  const selected = scope.select(seconds, busy);
  return {
    figure: 'cpu:busy',
    group: nodeTargets(scope),
    expr: (of) => `sum without (cpu, mode) (${of(selected)})`,
  };
}

const quantity: Quantity = {
  id: 'cpu',
  metricNames: [seconds, recordedCpu],
  counters: (scope) => [busyFigure(scope)],
  instant: (scope, instant) => [
    { figure: 'cpu:cores', expr: coresOf(instant.latest(scope.select(seconds, idle))) },
  ],
  mean(scope, { recorded, rangeSelector }) {
    const idleSeries = scope.select(seconds, idle);
    const cores = {
      figure: 'cpu:cores',
      expr: coresOf(`last_over_time(${idleSeries}${rangeSelector})`),
    };
    if (!recorded) return [cores];
    const rule = scope.select(recordedCpu);
    return [
      cores,
      {
        figure: 'cpu:recorded',
        expr: `sum by (instance) (sum_over_time(${rule}${rangeSelector}))`,
      },
      {
        figure: 'cpu:recordings',
        expr: `sum by (instance) (count_over_time(${rule}${rangeSelector}))`,
      },
    ];
  },
  isRecorded: true,
  meanOf(read) {
    const recordings = read('cpu:recordings');
    if (recordings !== null) return percentOf(read('cpu:recorded'), recordings);
    return percentOf(read('cpu:busy'), read('cpu:cores'));
  },
  weightOf: (read) => read('cpu:cores'),
  points: (scope, at) => [
    { figure: 'cpu:cores', expr: coresOf(at.latest(scope.select(seconds, idle))) },
  ],
};

/** CPU in percent of all cores; the cluster's is busy cores over all cores. */
export const cpu: NodeMetric<'cpu'> = {
  name: 'cpu',
  quantities: [quantity],
  kind: 'share',
  figures: ['cpu:busy', 'cpu:cores'],
  weight: 'cpu:cores',
  bounds: percentBounds,
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

function usageOf(read: FigureReader): number | null {
  return percentOf(read('cpu:busy'), read('cpu:cores'));
}

/** Metric and matchers, for expressions over many clusters. */
export const cpuSource = { seconds, busy, idle } as const;
