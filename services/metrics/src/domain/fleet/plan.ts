import {
  memoryFree,
  memoryTotal,
  newestSample,
  nodeReady,
  storageFree,
  storageTotal,
} from '../metrics/fleet-expressions.js';
import type { Figure } from '../promql/figure.js';
import { fleetScope, type ScopeSettings } from '../promql/scope.js';

/** Memory, storage, and the number of nodes. */
export function memoryStorageNodeFigures(settings: ScopeSettings): Figure[] {
  const scope = fleetScope(settings);
  /** Of nodes that have both. */
  const both = (one: string, other: string) => `sum by (cluster) (${one} and ${other})`;
  const memory = memoryTotal(scope);
  const freeMemory = memoryFree(scope);
  const storage = storageTotal(scope);
  const freeStorage = storageFree(scope);
  const kubernetes = scope.select('kube_node_info');
  return [
    { figure: 'memory:total', expr: both(memory, freeMemory) },
    { figure: 'memory:free', expr: both(freeMemory, memory) },
    { figure: 'storage:total', expr: both(storage, freeStorage) },
    { figure: 'storage:free', expr: both(freeStorage, storage) },
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
