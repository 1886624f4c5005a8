import type { Measure } from '../targets/range-aggregation.js';
import type { Scope } from '../promql/scope.js';
import { coveredOf, nodeFamily } from '../targets/node-exporter.js';
import type { NodeMetric, Quantity, Read } from './types.js';
import { round } from '../units.js';

const seconds = 'node_cpu_seconds_total';
/** Busy share by the node mixin's recording rule: the same modes count as here. */
export const recordedCpu = 'instance:node_cpu_utilisation:rate5m';

const busy = { label: 'mode', op: '!~', value: 'idle|iowait|steal' } as const;
const idle = { label: 'mode', op: '=', value: 'idle' } as const;

const coresOf = (expr: string) => `count by (instance) (max by (instance, cpu) (${expr}))`;

/** Busy core-seconds: every mode but idle, iowait and steal. */
function busyGrowth(scope: Scope, measure: Measure): string {
  return `sum by (instance) (${measure.growth(scope.select(seconds, busy), nodeFamily)})`;
}

const quantity: Quantity = {
  id: 'cpu',
  reads: [seconds, recordedCpu],
  rates: ['cpu:busy'],
  now(scope, moment) {
    const rate = moment.rate(scope.select(seconds, busy), nodeFamily);
    return [
      {
        figure: 'cpu:busy',
        expr: `sum by (instance) (max by (instance, cpu, mode) (${rate}))`,
      },
      { figure: 'cpu:cores', expr: coresOf(moment.latest(scope.select(seconds, idle))) },
    ];
  },
  mean(scope, measure) {
    const idleSeries = scope.select(seconds, idle);
    const cores = {
      figure: 'cpu:cores',
      expr: measure.atEitherEnd(idleSeries, nodeFamily, coresOf),
    };
    if (!measure.recorded) return [cores, { figure: 'cpu:busy', expr: busyGrowth(scope, measure) }];
    const rule = scope.select(recordedCpu);
    const { range } = measure;
    return [
      cores,
      { figure: 'cpu:recorded', expr: `sum by (instance) (sum_over_time(${rule}${range}))` },
      { figure: 'cpu:recordings', expr: `sum by (instance) (count_over_time(${rule}${range}))` },
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
    if (at.kind === 'moment') {
      const rate = at.rate(scope.select(seconds, busy), nodeFamily);
      const used = `sum by (instance) (max by (instance, cpu, mode) (${rate}))`;
      return [{ figure: 'cpu', expr: `100 * ${used} / ${cores}` }];
    }
    if (at.recorded) {
      const rule = scope.select(recordedCpu);
      return [
        { figure: 'cpu', expr: `100 * max by (instance) (avg_over_time(${rule}${at.range}))` },
      ];
    }
    const covered = coveredOf(scope, at);
    if (covered === null) return [];
    const all = coresOf(`last_over_time(${scope.select(seconds, idle)}${at.range})`);
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
  fields(read: Read) {
    const cores = read('cpu:cores');
    return { usage_percent: round(percent(read('cpu:busy'), cores)), cores };
  },
};

function percent(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : (100 * part) / whole;
}

/** What the fleet reads by the same definition. */
export const cpuReads = { seconds, busy, idle } as const;
