import type { Figure } from '../promql/figure.js';
import type { Query } from '../promql/queries.js';
import type { LabelMatcher } from '@bud-monitoring/promql';
import type { Scope } from '../promql/scope.js';
import { endReading as instant } from '../targets/instant-reading.js';
import { kubeletLabels } from '../targets/node-labels.js';
import type { CounterFigure, OverRange } from '../time-base/counter-figure.js';
import type { Probe } from '../targets/probe.js';

/** CPU and memory by cgroup, for nodes without node-exporter. */
const containerCpu = 'container_cpu_usage_seconds_total';
const containerMemory = ['container_memory_usage_bytes', 'container_memory_working_set_bytes'];
const activeMemory = 'node_memory_Active_bytes';

export const fallbackMetricNames: readonly string[] = [
  activeMemory,
  containerCpu,
  ...containerMemory,
];

const root: LabelMatcher = { label: 'id', op: '=', value: '/' };
const containers: readonly LabelMatcher[] = [
  { label: 'container', op: '!=', value: '' },
  { label: 'container', op: '!=', value: 'POD' },
];

/** CPU by the root cgroup of each node: the whole of it. */
export const rootCpu = (scope: Scope) => cgroupCpu(scope, [root], 'cpu, id');
/** CPU of a node's containers, added up. */
export const containersCpu = (scope: Scope) =>
  cgroupCpu(scope, containers, 'cpu, namespace, pod, container');

/** Core-seconds by node, of which duplicates in `parts` count once. */
function cgroupCpu(
  scope: Scope,
  matchers: readonly LabelMatcher[],
  parts: string,
): CounterFigure[] {
  if (!scope.has(containerCpu)) return [];
  const selected = scope.select(containerCpu, ...matchers);
  const labels = { by: kubeletLabels.split(', ') };
  const group = { id: 'cgroups', metric: containerCpu, matchers, labels };
  const expr = (of: OverRange) =>
    `sum by (${kubeletLabels}) (max by (${kubeletLabels}, ${parts}) (${of(selected)}))`;
  return [{ figure: 'fallback:cpu', group, expr }];
}

/**
 * Memory by cgroup: read only where a node has no better source. The root cgroup is the whole
 * node; without it the containers are added up, never both.
 */
export function planFallback(probe: Probe, end: number): Query[] {
  const { scope } = probe;
  const rootOrContainers = (metric: string, read: (selected: string) => string) => {
    const node = `max by (${kubeletLabels}) (${read(scope.select(metric, root))})`;
    const each = `max by (${kubeletLabels}, namespace, pod, container) (${read(scope.select(metric, ...containers))})`;
    return `${node} or sum by (${kubeletLabels}) (${each})`;
  };
  const figures: Figure[] = [];
  for (const metric of containerMemory) {
    if (!scope.has(metric)) continue;
    figures.push({ figure: `fallback:${metric}`, expr: rootOrContainers(metric, instant.latest) });
  }
  if (scope.has(activeMemory)) {
    const expr = `max by (instance) (${instant.latest(scope.select(activeMemory))})`;
    figures.push({ figure: `fallback:${activeMemory}`, expr });
  }
  if (figures.length === 0) return [];
  return [{ group: 'container figures', figures, at: end }];
}

/** Memory in use where MemAvailable and its parts are missing, in this order. */
export const memoryFallbacks = [...containerMemory, activeMemory].map(
  (metric) => `fallback:${metric}`,
);
