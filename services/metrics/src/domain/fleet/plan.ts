import {
  memoryFree,
  memoryTotal,
  newestSample,
  nodeReady,
  plausibleFree,
  storageFree,
  storageTotal,
} from '../metrics/fleet-expressions.js';
import type { Figure } from '../promql/figure.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';

/** How many nodes of a cluster have values of a metric that cannot be. */
export const implausibleFigure = (metric: string) => `${metric}:implausible`;

/** Memory, storage, and the number of nodes. */
export function memoryStorageNodeFigures(settings: ScopeSettings): Figure[] {
  const scope = fleetScope(settings);
  /** Of nodes that have both, and of which both can be. */
  const share = (id: string, total: string, free: string): Figure[] => {
    const counted = plausibleFree(total, free);
    const left = `count by (cluster) (${free} and ${total} unless ${counted})`;
    return [
      { figure: `${id}:total`, expr: `sum by (cluster) (${total} and ${counted})` },
      { figure: `${id}:free`, expr: `sum by (cluster) (${counted})` },
      { figure: implausibleFigure(id), expr: left },
    ];
  };
  const kubernetes = scope.select('kube_node_info');
  return [
    ...share('memory', memoryTotal(scope), memoryFree(scope)),
    ...share('storage', storageTotal(scope), storageFree(scope)),
    { figure: 'exporters', expr: `count by (cluster) (${newestSample(scope)})` },
    {
      figure: 'kubernetes',
      expr: `count by (cluster) (max by (cluster, node) (${kubernetes}))`,
    },
    { figure: 'ready', expr: `sum by (cluster) (${nodeReady(scope)})` },
    { figure: 'heard:exporters', expr: `max by (cluster) (${newestSample(scope)})` },
    { figure: 'heard:kubernetes', expr: `max by (cluster) (timestamp(${kubernetes}))` },
  ];
}
