import { cpu } from '../metrics/cpu.js';
import { memory } from '../metrics/memory.js';
import { networkBandwidth, networkCounters } from '../metrics/network.js';
import type { NodeMetric } from '../metrics/types.js';
import { heartbeatFigures } from '../nodes/heartbeats.js';
import { liveNodeFigures } from '../nodes/node-info.js';
import { rateCorrectionFigures } from '../nodes/rate-correction.js';
import type { Figure } from '../promql/figure.js';
import type { Query } from '../promql/queries.js';
import { instantReading } from '../targets/instant-reading.js';
import { heartbeatMetrics, nodeExporterGroup } from '../targets/node-exporter.js';
import type { Probe } from '../targets/probe.js';
import { shortestRateWindowMs } from '../targets/rate-window.js';
import type { TimeRange } from '../time/time-range.js';
import { fallbackMetricNames } from './cgroups.js';
import { conditionFigures, conditionMetric } from './conditions.js';
import {
  bandwidthFigures,
  capacityFigures,
  kubernetesMetricNames,
  podFigures,
  statFigures,
} from './figures.js';
import { hoursOf, statsBefore } from './windows.js';

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

/** Hardware seldom changes: its figures may be this many seconds older than the rest. */
const hardwareMaxAge = 60;

/** The requests of an answer: the same for one node and for a thousand. */
export function planNodeMetrics(probe: Probe, { start, end }: TimeRange): Query[] {
  const { scope } = probe;
  const instant = instantReading((targetGroup) => probe.intervalMs(targetGroup, end));
  const windowMs = shortestRateWindowMs(probe.intervalMs(nodeExporterGroup, end));
  const grid = hoursOf({ start, end });
  const hours = { ...grid, end: grid.start + (grid.count - 1) * grid.step };
  const stats = statsBefore(end);
  const instantFigures = ({ quantities }: Pick<NodeMetric, 'quantities'>) =>
    quantities
      .filter(({ metricNames }) => metricNames.some((name) => scope.has(name)))
      .flatMap((quantity) => quantity.instant(scope, instant));
  const cpuFigures = instantFigures(cpu);
  const isCores = ({ figure }: Figure) => figure === cpu.weight;
  return [
    ...each('nodes', end, heartbeatFigures(scope, instant)),
    // Neither of the two says anything without the other.
    ...together('nodes', end, rateCorrectionFigures(scope, windowMs)),
    ...together('nodes', end, liveNodeFigures(scope, instant)),
    ...each('conditions', end, conditionFigures(scope)),
    ...each('capacity', end, capacityFigures(scope, instant), hardwareMaxAge),
    ...together('pods', end, podFigures(scope)),
    ...together('memory', end, instantFigures(memory)),
    ...each(
      'cpu',
      end,
      cpuFigures.filter((figure) => !isCores(figure)),
    ),
    ...each('cpu', end, cpuFigures.filter(isCores), hardwareMaxAge),
    ...each('bandwidth', hours, bandwidthFigures(probe, hours)),
    ...each('network statistics', stats, statFigures(probe, end)),
    ...(stats.end === end ? [] : each('network statistics', end, statFigures(probe, end))),
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
