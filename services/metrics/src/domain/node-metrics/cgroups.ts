import type { Figure } from '../promql/figure.js';
import type { Query } from '../promql/queries.js';
import { instantReading } from '../targets/instant-reading.js';
import { kubeletLabels } from '../targets/node-labels.js';
import type { Probe } from '../targets/probe.js';

/** CPU and memory by cgroup, for nodes without node-exporter. */
export const containerCpu = 'container_cpu_usage_seconds_total';
const containerMemory = ['container_memory_usage_bytes', 'container_memory_working_set_bytes'];
const activeMemory = 'node_memory_Active_bytes';

export const fallbackMetricNames: readonly string[] = [
  activeMemory,
  containerCpu,
  ...containerMemory,
];

/**
 * CPU and memory by cgroup: read only where a node has no better source. The root cgroup is the whole
 * node; without it the containers are added up, never both.
 */
export function planFallback(probe: Probe, end: number): Query[] {
  const { scope } = probe;
  const instant = instantReading((targetGroup) => probe.intervalMs(targetGroup, end));
  const root = { label: 'id', op: '=', value: '/' } as const;
  const containers = [
    { label: 'container', op: '!=', value: '' },
    { label: 'container', op: '!=', value: 'POD' },
  ] as const;
  const rootOrContainers = (metric: string, read: (selected: string) => string) => {
    const node = `max by (${kubeletLabels}) (${read(scope.select(metric, root))})`;
    const each = `max by (${kubeletLabels}, namespace, pod, container) (${read(scope.select(metric, ...containers))})`;
    return `${node} or sum by (${kubeletLabels}) (${each})`;
  };
  const figures: Figure[] = [];
  if (scope.has(containerCpu)) {
    const expr = rootOrContainers(containerCpu, (selected) => instant.rate(selected, containerCpu));
    figures.push({ figure: 'fallback:cpu', expr });
  }
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
