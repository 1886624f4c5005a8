import { cpu } from '../metrics/cpu.js';
import { memory } from '../metrics/memory.js';
import { networkBandwidth, networkCounters, networkStats } from '../metrics/network.js';
import type { NodeMetric } from '../metrics/types.js';
import { heartbeatFigures } from '../nodes/heartbeats.js';
import { liveNodeFigures } from '../nodes/node-info.js';
import type { Figure } from '../promql/figure.js';
import type { Query } from '../promql/queries.js';
import { endReading as instant } from '../targets/instant-reading.js';
import { heartbeatMetrics } from '../targets/node-exporter.js';
import type { Probe } from '../targets/probe.js';
import type { CounterFigure } from '../time-base/counter-figure.js';
import type { Scope } from '../promql/scope.js';
import type { TimeRange } from '../time/time-range.js';
import { fallbackMetricNames } from './cgroups.js';
import { conditionFigures, conditionMetric } from './conditions.js';
import { bandwidthFigures, capacityFigures, kubernetesMetricNames, podFigures } from './figures.js';
import { hoursOf } from './windows.js';

/** Metrics that node metrics may read. */
export const nodeMetricNames: readonly string[] = [
  ...new Set([
    ...heartbeatMetrics,
    ...[cpu, memory, networkBandwidth].flatMap(({ quantities }) =>
      quantities.flatMap(({ metricNames }) => metricNames),
    ),
    ...Object.values(networkCounters),
    'kube_node_info',
    conditionMetric,
    ...kubernetesMetricNames,
    ...fallbackMetricNames,
  ]),
];

/** The rates at the end: CPU, network errors and drops. */
export function rateFigures({ scope }: Probe, own: Scope): CounterFigure[] {
  const busy = cpu.quantities
    .filter(({ metricNames }) => metricNames.some((name) => scope.has(name)))
    .flatMap((quantity) => quantity.counters(own));
  return [...busy, ...networkStats(own)];
}

/** Hardware seldom changes: its figures may be this many seconds older than the rest. */
const hardwareMaxAge = 60;

/** The requests of an answer, but for current rates: the same for one node and for a thousand. */
export function planNodeMetrics(probe: Probe, { start, end }: TimeRange): Query[] {
  const { scope } = probe;
  const grid = hoursOf({ start, end });
  const hours = { ...grid, end: grid.start + (grid.count - 1) * grid.step };
  const instantFigures = ({ quantities }: Pick<NodeMetric, 'quantities'>) =>
    quantities
      .filter(({ metricNames }) => metricNames.some((name) => scope.has(name)))
      .flatMap((quantity) => quantity.instant(scope, instant));
  return [
    ...each('nodes', end, heartbeatFigures(scope, instant)),
    ...together('nodes', end, liveNodeFigures(scope, instant)),
    ...each('conditions', end, conditionFigures(scope)),
    ...each('capacity', end, capacityFigures(scope, instant), hardwareMaxAge),
    ...together('pods', end, podFigures(scope)),
    ...together('memory', end, instantFigures(memory)),
    ...each('cpu', end, instantFigures(cpu), hardwareMaxAge),
    ...each('bandwidth', hours, bandwidthFigures(probe)),
  ];
}

/** The queries of a plan that an older answer may satisfy, to be sent anew: a node has come since. */
export function withoutMaxAge(plan: readonly Query[]): Query[] {
  return plan.flatMap(({ maxAge, ...query }) => (maxAge === undefined ? [] : [query]));
}

function together(group: string, at: number, figures: Figure[]): Query[] {
  return figures.length === 0 ? [] : [{ group, figures, at }];
}

/** A query each: the store uses one core for a query, and marks and joins cost it a third more. */
function each(group: string, at: Query['at'], figures: Figure[], maxAge?: number): Query[] {
  return figures.map((figure) => ({ group, figures: [figure], at, maxAge }));
}
