import { gpuInstant } from '../../metrics/gpu.js';
import type { Selection } from '../../metrics/index.js';
import { mountpointFigures } from '../../metrics/storage.js';
import { workloadFigures } from '../../metrics/workloads.js';
import { heartbeatFigures } from '../../nodes/heartbeats.js';
import { liveNodeFigures } from '../../nodes/node-info.js';
import type { Query } from '../../promql/queries.js';
import { endReading as instant } from '../../targets/instant-reading.js';
import type { Probe } from '../../targets/probe.js';
import type { Window } from '../../time/window.js';
import { byGroup, quantitiesOf, toQueries, type GroupedFigures } from './groups.js';

/** Figures at the end of the window, but for rates. */
export function planInstant(probe: Probe, window: Window, selection: Selection): Query[] {
  const { scope } = probe;
  const quantities = quantitiesOf(selection, scope);
  const groups: GroupedFigures[] = [
    ['nodes', heartbeatFigures(scope, instant)],
    ['nodes', liveNodeFigures(scope, instant)],
    ...byGroup(quantities, (quantity) => quantity.instant(scope, instant)),
    ['power and gpu', gpuInstant(scope, instant, selection.gpuVendors)],
  ];
  if (selection.nodeMetrics.some(({ name }) => name === 'storage')) {
    groups.push(['gauges', mountpointFigures(scope)]);
  }
  if (selection.workloads) groups.push(['nodes', workloadFigures(scope)]);
  // What is cheap at an instant is one request: only CPU is apart.
  return toQueries(groups, (group) => (group === 'cpu' ? 'cpu' : 'nodes'), window.end);
}
