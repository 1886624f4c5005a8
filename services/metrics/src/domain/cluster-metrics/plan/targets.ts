import { gpuTargets } from '../../metrics/gpu.js';
import type { Selection } from '../../metrics/index.js';
import { powerTargets } from '../../metrics/power.js';
import type { Scope } from '../../promql/scope.js';
import { heartbeatSelector, nodeTargets } from '../../targets/node-exporter.js';
import type { Probe } from '../../targets/probe.js';
import type { TargetFigures } from '../../time-base/blocks/block-figures.js';
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
    const power = selection.power ? powerTargets(scope) : { counters: [], gauges: [] };
    const gpus = gpuTargets(scope, selection.gpuVendors);
    return {
      counters: [
        ...quantities.flatMap((quantity) => quantity.counters(scope)),
        ...power.counters,
        ...gpus.counters,
      ],
      gauges: [...power.gauges, ...gpus.gauges],
      groups: heartbeatSelector(scope) === null ? [] : [nodeTargets(scope)],
    };
  };
}
