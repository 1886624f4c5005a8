import type { Points } from '../../ports.js';
import { cpu } from '../metrics/cpu.js';
import { edgeFigures, heartbeatFigures, heartbeats, nodeFamily } from '../targets/node-exporter.js';
import { memory } from '../metrics/memory.js';
import { countedDevices, networkBandwidth } from '../metrics/network.js';
import type { NodeMetric } from '../metrics/types.js';
import { presentFigures } from '../nodes/node-info.js';
import type { Query } from '../promql/queries.js';
import type { Figure } from '../promql/figure.js';
import type { Grid } from '../promql/grid.js';
import { momentAt, momentsOf, type Moment } from '../targets/range-aggregation.js';
import type { Probe } from '../targets/probe.js';
import type { Scope } from '../promql/scope.js';
import { shortestRateMs } from '../targets/aligned-blocks.js';
import { day, type Span } from '../time/window.js';
import { conditionFigures, conditionMetric } from './conditions.js';

const hour = 3600;
/** Bandwidth: a day in steps of an hour. */
const bandwidthStep = hour;
/** Network statistics: an hour in steps of 5 minutes. */
const statsStep = 300;

/** What is of the hardware seldom changes: it may be a minute older than the rest. */
const seldomChanges = /^(capacity|machine:|cpu:cores$)/;
const seldomSeconds = 60;

/** Errors and drops, by their field. */
export const statCounters = {
  receive_errors: 'node_network_receive_errs_total',
  transmit_errors: 'node_network_transmit_errs_total',
  receive_packets_dropped: 'node_network_receive_drop_total',
  transmit_packets_dropped: 'node_network_transmit_drop_total',
} as const;
export type StatName = keyof typeof statCounters;

const runningPods = ['kubelet_running_pods', 'kubelet_running_pod_count'] as const;
const oldCapacity = {
  pods: 'kube_node_status_capacity_pods',
  cpu: 'kube_node_status_capacity_cpu_cores',
  memory: 'kube_node_status_capacity_memory_bytes',
} as const;
/** The cgroups' own figures, for nodes without node-exporter. */
export const containerCpu = 'container_cpu_usage_seconds_total';
const containerMemory = ['container_memory_usage_bytes', 'container_memory_working_set_bytes'];

/** Metrics that node metrics may read. */
export const nodeMetricReads: readonly string[] = [
  ...new Set([
    ...heartbeats,
    ...[cpu, memory, networkBandwidth].flatMap(({ quantities }) =>
      quantities.flatMap(({ reads }) => reads),
    ),
    ...Object.values(statCounters),
    ...runningPods,
    ...Object.values(oldCapacity),
    ...['kube_node_info', conditionMetric, 'kube_node_status_capacity'],
    ...['kube_pod_info', 'kube_pod_status_ready'],
    ...['machine_cpu_cores', 'machine_memory_bytes', 'node_memory_Active_bytes'],
    ...[containerCpu, ...containerMemory],
  ]),
];

/** Labels that tell the node of a kubelet's series. */
const kubelet = 'node, instance';

/** The day that ends at `end`, Unix seconds: who was there in it is a node of the answer. */
export function windowOf(end: number): Span {
  return { start: end - day, end };
}

/** The hours of the bandwidth: full ones, as all series are aligned to their step. */
export function hoursOf({ start, end }: Span): Grid {
  const first = Math.ceil(start / hour) * hour;
  return { start: first, step: bandwidthStep, count: Math.floor((end - first) / hour) + 1 };
}

/**
 * The points of the network statistics but for the end itself: full steps, that what is over of the
 * hour is known. They are needed for an hour only, so that late samples cost little.
 */
function statsBefore(end: number): Points & { settlesAfter: number } {
  const next = Math.ceil(end / statsStep) * statsStep;
  const last = Math.floor(end / statsStep) * statsStep;
  return { start: next - hour + statsStep, end: last, step: statsStep, settlesAfter: 60 };
}

/** The requests of an answer: the same for one node and for a thousand. */
export function planNodeMetrics(probe: Probe, { start, end }: Span): Query[] {
  const { scope } = probe;
  const moment = momentAt((family) => probe.intervalMs(family, end));
  const rateMs = shortestRateMs(probe.intervalMs(nodeFamily, end));
  const together = (group: string, at: number, figures: Figure[]): Query[] =>
    figures.length === 0 ? [] : [{ group, figures, at }];
  /** Each apart: the store takes one core for a query, and marks and joins cost it a third more. */
  const each = (group: string, at: Query['at'], figures: Figure[]): Query[] =>
    figures.map((figure) => ({
      ...{ group, figures: [figure], at },
      maxAge: seldomChanges.test(figure.figure) ? seldomSeconds : undefined,
    }));
  const grid = hoursOf({ start, end });
  const hours = { ...grid, end: grid.start + (grid.count - 1) * grid.step };
  const stats = statsBefore(end);
  const nowOf = ({ quantities }: Pick<NodeMetric, 'quantities'>) =>
    quantities
      .filter(({ reads }) => reads.some((name) => scope.has(name)))
      .flatMap((quantity) => quantity.now(scope, moment));
  return [
    ...each('nodes', end, heartbeatFigures(scope, moment)),
    // One tells nothing without the other.
    ...together('nodes', end, edgeFigures(scope, rateMs)),
    ...together('nodes', end, presentFigures(scope, moment)),
    ...each('conditions', end, conditionFigures(scope)),
    ...each('capacity', end, capacityFigures(scope, moment)),
    ...together('pods', end, podFigures(scope)),
    ...together('memory', end, nowOf(memory)),
    ...each('cpu', end, nowOf(cpu)),
    ...each('bandwidth', hours, bandwidthFigures(probe, hours)),
    ...each('network statistics', stats, statFigures(probe, end)),
    ...(stats.end === end ? [] : each('network statistics', end, statFigures(probe, end))),
  ];
}

/** What an older answer did for, asked anew: a node has come since. */
export function withoutAge(plan: readonly Query[]): Query[] {
  return plan.flatMap(({ maxAge, ...query }) => (maxAge === undefined ? [] : [query]));
}

/** What kube-state-metrics and kubelets say of the size of a node. */
function capacityFigures(scope: Scope, moment: Moment): Figure[] {
  const figures: Figure[] = [];
  const add = (metric: string, figure: string, expr: () => string) => {
    if (scope.has(metric)) figures.push({ figure, expr: expr() });
  };
  add('kube_node_status_capacity', 'capacity', () => {
    return `max by (node, resource) (${moment.latest(scope.select('kube_node_status_capacity'))})`;
  });
  for (const [resource, metric] of Object.entries(oldCapacity)) {
    add(metric, `capacity:${resource}`, () => {
      return `max by (node) (${moment.latest(scope.select(metric))})`;
    });
  }
  add('machine_cpu_cores', 'machine:cpu', () => {
    return `max by (${kubelet}) (${moment.latest(scope.select('machine_cpu_cores'))})`;
  });
  add('machine_memory_bytes', 'machine:memory', () => {
    return `max by (${kubelet}) (${moment.latest(scope.select('machine_memory_bytes'))})`;
  });
  return figures;
}

function podFigures(scope: Scope): Figure[] {
  const figures: Figure[] = [];
  const known = runningPods.filter((name) => scope.has(name));
  if (known.length > 0) {
    const expr = known.map((name) => `max by (${kubelet}) (${scope.select(name)})`).join(' or ');
    figures.push({ figure: 'pods:running', expr });
  }
  if (!scope.has('kube_pod_info')) return figures;
  const scheduled = scope.select('kube_pod_info', { label: 'node', op: '!=', value: '' });
  const pods = `max by (node, namespace, pod) (${scheduled})`;
  figures.push({ figure: 'pods:desired', expr: `count by (node) (${pods})` });
  if (scope.has('kube_pod_status_ready')) {
    const ready = scope.select('kube_pod_status_ready', {
      label: 'condition',
      op: '=',
      value: 'true',
    });
    const isReady = `(max by (namespace, pod) (${ready}) == 1)`;
    figures.push({
      figure: 'pods:available',
      expr: `count by (node) (${pods} * on (namespace, pod) group_left () ${isReady})`,
    });
  }
  return figures;
}

function bandwidthFigures(probe: Probe, hours: Span): Figure[] {
  // One rate an hour: a mean over covered time would cost ten times as much of the store.
  const hourly = momentsOf(bandwidthStep * 1000, (family) => probe.widestMs(family, hours));
  return networkBandwidth.quantities
    .filter(({ reads }) => reads.some((name) => probe.scope.has(name)))
    .flatMap((quantity) => quantity.points(probe.scope, hourly));
}

function statFigures(probe: Probe, end: number): Figure[] {
  const { scope } = probe;
  const moments = momentsOf(statsStep * 1000, (family) => probe.intervalMs(family, end));
  return Object.entries(statCounters).flatMap(([name, metric]) => {
    if (!scope.has(metric)) return [];
    const rate = moments.rate(scope.select(metric, countedDevices(scope)), nodeFamily);
    const expr = `sum by (instance) (max by (instance, device) (${rate}))`;
    return [{ figure: `stat:${name}`, expr }];
  });
}

/**
 * What the cgroups say of CPU and memory: asked only where a node has no better source. The root
 * cgroup is the whole node; without it the containers are added up, never both.
 */
export function planFallback(probe: Probe, end: number): Query[] {
  const { scope } = probe;
  const moment = momentAt((family) => probe.intervalMs(family, end));
  const root = { label: 'id', op: '=', value: '/' } as const;
  const containers = [
    { label: 'container', op: '!=', value: '' },
    { label: 'container', op: '!=', value: 'POD' },
  ] as const;
  const wholeOrSum = (metric: string, read: (selected: string) => string) => {
    const whole = `max by (${kubelet}) (${read(scope.select(metric, root))})`;
    const each = `max by (${kubelet}, namespace, pod, container) (${read(scope.select(metric, ...containers))})`;
    return `${whole} or sum by (${kubelet}) (${each})`;
  };
  const figures: Figure[] = [];
  if (scope.has(containerCpu)) {
    const expr = wholeOrSum(containerCpu, (selected) => moment.rate(selected, containerCpu));
    figures.push({ figure: 'fallback:cpu', expr });
  }
  for (const metric of containerMemory) {
    if (!scope.has(metric)) continue;
    figures.push({ figure: `fallback:${metric}`, expr: wholeOrSum(metric, moment.latest) });
  }
  const active = 'node_memory_Active_bytes';
  if (scope.has(active)) {
    const expr = `max by (instance) (${moment.latest(scope.select(active))})`;
    figures.push({ figure: `fallback:${active}`, expr });
  }
  if (figures.length === 0) return [];
  return [{ group: 'container figures', figures, at: end }];
}

/** Memory in use where MemAvailable and its parts are missing, in this order. */
export const memoryFallbacks = [...containerMemory, 'node_memory_Active_bytes'].map(
  (metric) => `fallback:${metric}`,
);
