import { gpuPoints } from '../../metrics/gpu.js';
import { inferenceGauges } from '../../metrics/inference/figures.js';
import type { Selection } from '../../metrics/index.js';
import { wattPoints } from '../../metrics/power.js';
import type { Query } from '../../promql/queries.js';
import { stepReading } from '../../targets/instant-reading.js';
import type { Probe } from '../../targets/probe.js';
import { alignedPoints, type Window } from '../../time/window.js';
import { byGroup, quantitiesOf, toQueries, type GroupedFigures } from './groups.js';

/** The gauges of a series with short steps; none where the window holds no point of the step. */
export function planPoints(probe: Probe, window: Window, selection: Selection): Query[] {
  const points = alignedPoints(window);
  if (points === null) return [];
  const { scope } = probe;
  const groups: GroupedFigures[] = [
    ...byGroup(quantitiesOf(selection, scope), (one) => one.points(scope, stepReading)),
    ['power and gpu', selection.power ? wattPoints(scope) : []],
    ['power and gpu', gpuPoints(scope, stepReading, selection.gpuVendors)],
    ['power and gpu', selection.inference ? inferenceGauges(scope, stepReading) : []],
  ];
  return toQueries(groups, () => 'gauges', { ...points, step: window.step });
}
