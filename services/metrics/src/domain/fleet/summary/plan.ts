import {
  memoryFree,
  memoryTotal,
  newestSample,
  nodeReady,
  storageFree,
  storageTotal,
} from '../../metrics/fleet-expressions.js';
import { powerOfNodes } from '../../metrics/power.js';
import type { Figure } from '../../promql/figure.js';
import type { Scope } from '../../promql/scope.js';
import { heartbeatMetrics } from '../../targets/node-exporter.js';
import { kubernetesNodeLabels } from '../../targets/node-labels.js';

/** Memory and storage by instance, in a request each. */
export function sizesByInstance(scope: Scope): Figure[][] {
  return [
    [
      { figure: 'memory:total', expr: memoryTotal(scope) },
      { figure: 'memory:free', expr: memoryFree(scope) },
    ],
    [{ figure: 'storage:total', expr: storageTotal(scope) }],
    [{ figure: 'storage:free', expr: storageFree(scope) }],
  ];
}

/** What Kubernetes says of the number of nodes, when clusters were heard of last, and whether any tells power. */
export function nodeFigures(scope: Scope): Figure[] {
  const kubernetes = scope.select('kube_node_info');
  return [
    {
      figure: 'kubernetes',
      expr: `count by (cluster) (max by (cluster, ${kubernetesNodeLabels}) (${kubernetes}))`,
    },
    { figure: 'ready', expr: `sum by (cluster) (${nodeReady(scope)})` },
    { figure: 'heard:exporters', expr: `max by (cluster) (${newestSample(scope)})` },
    { figure: 'heard:kubernetes', expr: `max by (cluster) (timestamp(${kubernetes}))` },
    ...sourceFigures(scope, ['power']),
  ];
}

/** What figures come from. */
export const fleetSources = ['nodeExporter', 'kubeStateMetrics', 'power'] as const;
export type FleetSource = (typeof fleetSources)[number];

/** Whether there is anything of some of it. */
export function sourceFigures(scope: Scope, sources: readonly FleetSource[]): Figure[] {
  const series: Readonly<Record<FleetSource, string>> = {
    nodeExporter: heartbeatMetrics.map((name) => scope.select(name)).join(' or '),
    kubeStateMetrics: scope.select('kube_node_info'),
    power: powerOfNodes(scope),
  };
  return sources.map((source) => ({ figure: source, expr: `group(${series[source]})` }));
}
