import type { FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { nodeCoveredSeconds, nodeExporterGroup } from '../targets/node-exporter.js';
import type { RangeAggregation } from '../targets/range-aggregation.js';
import { round } from '../units.js';
import type { NodeMetric, Quantity } from './types.js';

const seconds = 'node_cpu_seconds_total';
/** Busy share by the node mixin's recording rule: the same modes count as here. */
export const recordedCpu = 'instance:node_cpu_utilisation:rate5m';

const busy = { label: 'mode', op: '!~', value: 'idle|iowait|steal' } as const;
const idle = { label: 'mode', op: '=', value: 'idle' } as const;

const coresOf = (expr: string) => `count by (instance) (max by (instance, cpu) (${expr}))`;

/** Busy core-seconds: every mode but idle, iowait and steal. */
function busyGrowth(scope: Scope, aggregation: RangeAggregation): string {
  return `sum by (instance) (${aggregation.growth(scope.select(seconds, busy), nodeExporterGroup)})`;
}

const quantity: Quantity = {
  id: 'cpu',
  metricNames: [seconds, recordedCpu],
  rateFigures: ['cpu:busy'],
  instant(scope, instant) {
    const rate = instant.rate(scope.select(seconds, busy), nodeExporterGroup);
    return [
      {
        figure: 'cpu:busy',
        expr: `sum by (instance) (max by (instance, cpu, mode) (${rate}))`,
      },
      { figure: 'cpu:cores', expr: coresOf(instant.latest(scope.select(seconds, idle))) },
    ];
  },
  mean(scope, aggregation) {
    const idleSeries = scope.select(seconds, idle);
    const cores = {
      figure: 'cpu:cores',
      expr: aggregation.atEitherEnd(idleSeries, nodeExporterGroup, coresOf),
    };
    if (!aggregation.recorded) {
      return [cores, { figure: 'cpu:busy', expr: busyGrowth(scope, aggregation) }];
    }
    const rule = scope.select(recordedCpu);
    const { rangeSelector } = aggregation;
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
  meanOf(read, covered) {
    const recordings = read('cpu:recordings');
    if (recordings !== null) return percent(read('cpu:recorded'), recordings);
    const cores = read('cpu:cores');
    return cores === null ? null : percent(read('cpu:busy'), cores * covered);
  },
  weightOf: (read) => read('cpu:cores'),
  points(scope, at) {
    const cores = coresOf(scope.select(seconds, idle));
    if (at.kind === 'instant') {
      const rate = at.rate(scope.select(seconds, busy), nodeExporterGroup);
      const used = `sum by (instance) (max by (instance, cpu, mode) (${rate}))`;
      return [{ figure: 'cpu', expr: `100 * ${used} / ${cores}` }];
    }
    if (at.recorded) {
      const rule = scope.select(recordedCpu);
      return [
        {
          figure: 'cpu',
          expr: `100 * max by (instance) (avg_over_time(${rule}${at.rangeSelector}))`,
        },
      ];
    }
    const covered = nodeCoveredSeconds(scope, at);
    if (covered === null) return [];
    const all = coresOf(`last_over_time(${scope.select(seconds, idle)}${at.rangeSelector})`);
    return [{ figure: 'cpu', expr: `100 * ${busyGrowth(scope, at)} / ${covered} / ${all}` }];
  },
};

/** CPU in percent of all cores; the cluster's is busy cores over all cores. */
export const cpu: NodeMetric<'cpu'> = {
  name: 'cpu',
  quantities: [quantity],
  kind: 'share',
  figures: ['cpu:busy', 'cpu:cores'],
  weight: 'cpu:cores',
  main: 'usage_percent',
  fields(read: FigureReader) {
    const cores = read('cpu:cores');
    return { usage_percent: round(percent(read('cpu:busy'), cores)), cores };
  },
};

function percent(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : (100 * part) / whole;
}

/** Metric and matchers, for expressions over many clusters. */
export const cpuSource = { seconds, busy, idle } as const;
