import { gpuTargets } from '../../metrics/gpu.js';
import { inferenceTargets } from '../../metrics/inference/figures.js';
import type { Selection } from '../../metrics/index.js';
import { powerTargets } from '../../metrics/power.js';
import type { Scope } from '../../promql/scope.js';
import { heartbeatSelector, nodeTargets } from '../../targets/node-exporter.js';
import type { Probe } from '../../targets/probe.js';
import type { TargetFigures } from '../../time-base/blocks/block-figures.js';
import { inFamilies } from '../../time-base/families.js';
import { quantitiesOf } from './groups.js';

/** What of a selection is known by target, in a scope. */
export type FiguresOf = (scope: Scope) => TargetFigures;

/** The figures by target that the cluster has; `recorded` leaves out what recording rules replace. */
export function targetFigures(
  { scope: whole }: Probe,
  selection: Selection,
  recorded = false,
): FiguresOf {
  const quantities = quantitiesOf(selection, whole).filter(
    ({ isRecorded }) => !(recorded && isRecorded === true),
  );
  return (scope) => {
    const others = [
      ...(selection.power ? [powerTargets(scope)] : []),
      gpuTargets(scope, selection.gpuVendors),
      ...(selection.inference ? [inferenceTargets(scope)] : []),
    ];
    const figures = {
      counters: [
        ...quantities.flatMap((quantity) => quantity.counters(scope)),
        ...others.flatMap(({ counters }) => counters),
      ],
      gauges: others.flatMap(({ gauges }) => gauges),
      groups: heartbeatSelector(scope) === null ? [] : [nodeTargets(scope)],
    };
    return inFamilies(figures, scope);
  };
}
