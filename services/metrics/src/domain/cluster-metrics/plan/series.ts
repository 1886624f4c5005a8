import { gpuPoints } from '../../metrics/gpu.js';
import type { Selection } from '../../metrics/index.js';
import { powerPoints } from '../../metrics/power.js';
import type { Query } from '../../promql/queries.js';
import { shortestBlockMs } from '../../targets/aligned-blocks.js';
import { stepReading, type InstantReading } from '../../targets/instant-reading.js';
import type { Probe } from '../../targets/probe.js';
import { aggregationOfStep, type RangeAggregation } from '../../targets/range-aggregation.js';
import { alignedPoints, type Window } from '../../time/window.js';
import {
  aggregationOptions,
  byGroup,
  quantitiesOf,
  toQueries,
  type GroupedFigures,
} from './groups.js';

/** The series; none where the window holds no point of the step. */
export function planSeries(probe: Probe, window: Window, selection: Selection): Query[] {
  const points = alignedPoints(window);
  if (points === null) return [];
  const { scope } = probe;
  const stepMs = window.step * 1000;
  const options = aggregationOptions(probe, points);
  const leastMs = shortestBlockMs(1000 * (window.end - window.start));
  const at: InstantReading | RangeAggregation =
    window.step > 300
      ? aggregationOfStep(stepMs, options, leastMs)
      : stepReading(stepMs, options.intervals);
  const groups: GroupedFigures[] = [
    ...byGroup(quantitiesOf(selection, scope), (quantity) => quantity.points(scope, at)),
    ['power and gpu', selection.power ? powerPoints(scope, at) : []],
    ['power and gpu', gpuPoints(scope, at, selection.gpuVendors)],
  ];
  return toQueries(groups, (group) => group, { ...points, step: window.step });
}
