import type { ClusterId } from '@bud-monitoring/contracts';
import {
  memoryFree,
  memoryTotal,
  newestSample,
  nodeReady,
  plausibleFree,
  storageFree,
  storageTotal,
} from '../metrics/fleet-expressions.js';
import { powerOfNodes } from '../metrics/power.js';
import type { Figure } from '../promql/figure.js';
import { clustersToName } from '../promql/expression-limit.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';
import { kubernetesNodeLabels } from '../targets/node-labels.js';

/** How many nodes of a cluster have values of a metric that cannot be. */
export const implausibleFigure = (metric: string) => `${metric}:implausible`;

/** Totals and free parts over the nodes that have both, and of which both can be. */
function shareFigures(id: string, total: string, free: string): Figure[] {
  const counted = plausibleFree(total, free);
  return [
    { figure: `${id}:total`, expr: `sum by (cluster) (${total} and ${counted})` },
    { figure: `${id}:free`, expr: `sum by (cluster) (${counted})` },
    { figure: implausibleFigure(id), expr: `count by (cluster) (${total} unless ${counted})` },
  ];
}

/** Storage, apart from the rest: where a node's data is takes a long expression. */
export function storageFigures(settings: ScopeSettings): Figure[] {
  const scope = fleetScope(settings);
  return shareFigures('storage', storageTotal(scope), storageFree(scope));
}

/** Memory and storage by instance, of some clusters: in a request each, as they may have to be named. */
export function sizesByInstance(
  settings: ScopeSettings,
  clusters: readonly ClusterId[],
): Figure[][] {
  const scope = fleetScope(settings, clustersToName(clusters, { occurrences: 12, rest: 3_000 }));
  return [
    [
      { figure: 'memory:total', expr: memoryTotal(scope) },
      { figure: 'memory:free', expr: memoryFree(scope) },
    ],
    [{ figure: 'storage:total', expr: storageTotal(scope) }],
    [{ figure: 'storage:free', expr: storageFree(scope) }],
  ];
}

/** Memory, and the number of nodes. */
export function memoryNodeFigures(settings: ScopeSettings): Figure[] {
  const scope = fleetScope(settings);
  const kubernetes = scope.select('kube_node_info');
  return [
    ...shareFigures('memory', memoryTotal(scope), memoryFree(scope)),
    { figure: 'power', expr: `count by (cluster) (${powerOfNodes(scope)})` },
    { figure: 'exporters', expr: `count by (cluster) (${newestSample(scope)})` },
    {
      figure: 'kubernetes',
      expr: `count by (cluster) (max by (cluster, ${kubernetesNodeLabels}) (${kubernetes}))`,
    },
    { figure: 'ready', expr: `sum by (cluster) (${nodeReady(scope)})` },
    { figure: 'heard:exporters', expr: `max by (cluster) (${newestSample(scope)})` },
    { figure: 'heard:kubernetes', expr: `max by (cluster) (timestamp(${kubernetes}))` },
  ];
}
