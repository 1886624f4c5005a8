import type { MetricSource, Row } from '../../ports.js';
import { createLabelsKey } from '../promql/labels.js';
import {
  readCurrentRates,
  type CurrentRates,
  type RatesRequest,
} from '../time-base/current-rates.js';
import { narrowTo } from '../time-base/narrow.js';
import { busyCoresOf, restFigure } from './cpu.js';

/**
 * Busy cores of nodes in many clusters that have cores and no busy modes: those that are not at rest. Nothing is read
 * where there are no such nodes.
 */
export async function readResting(
  source: MetricSource,
  request: Omit<RatesRequest, 'figuresOf'>,
  known: { readonly busy: readonly Row[]; readonly cores: readonly Row[] },
): Promise<{ readonly rows: Row[]; readonly failures: CurrentRates['results']['failures'] }> {
  const keyOf = createLabelsKey((label) => label === 'cluster' || label === 'instance');
  const told = new Set(known.busy.map(({ metric }) => keyOf(metric)));
  const lacking = known.cores.filter(({ metric }) => !told.has(keyOf(metric)));
  if (lacking.length === 0) return { rows: [], failures: [] };
  const { results } = await readCurrentRates(source, {
    ...request,
    scope: narrowTo(request.scope, lacking, 1),
    figuresOf: (scope) => [restFigure(scope)],
  });
  const cores = new Map(lacking.map(({ metric, value }) => [keyOf(metric), value]));
  const rows = (results.instant.get('cpu:rest') ?? []).flatMap(({ metric, value }) => {
    const all = cores.get(keyOf(metric)) ?? null;
    const busy = busyCoresOf((figure) => (figure === 'cpu:rest' ? value : null), all);
    return busy === null ? [] : [{ metric, value: busy }];
  });
  return { rows, failures: results.failures };
}
