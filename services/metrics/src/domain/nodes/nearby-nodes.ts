import type { MetricSource } from '../../ports.js';
import { runQueries, type QueryResults } from '../promql/queries.js';
import type { Scope } from '../promql/scope.js';
import { goneFigure, nearbyFigure, nodeInfoFigure, nodeInfoMetrics } from './node-info.js';

/** Hours around the end of a window in which names are looked for. */
const hours = 36;

/**
 * Adds names from near a window of the past in which nothing says who is behind an address: the store may keep
 * what describes nodes for a shorter time than what measures them.
 */
export async function withNearbyNodes(
  known: QueryResults,
  source: MetricSource,
  about: {
    scope: Scope;
    /** Unix seconds: the end of the window, and of what there is. */
    end: number;
    now: number;
    signal: AbortSignal;
  },
): Promise<QueryResults> {
  const { scope, end, now, signal } = about;
  const isNamed = nodeInfoMetrics.some(({ figure }) =>
    [figure, goneFigure(figure)].some((name) => (known.instant.get(name)?.length ?? 0) > 0),
  );
  const isPast = now - end > 3600;
  if (isNamed || !isPast) return known;
  const at = Math.min(now, end + (hours / 2) * 3600);
  let results = known;
  // Where there is nothing near, who is there now.
  for (const [time, range] of [
    [at, `${hours}h`],
    [now, '1h'],
  ] as const) {
    const figures = nodeInfoMetrics.map((info) => ({
      ...nodeInfoFigure(info, `last_over_time(${scope.select(info.metric)}[${range}])`),
      figure: nearbyFigure(info.figure),
    }));
    const query = { group: 'names of nodes', figures, at: time };
    const { instant, failures, sent } = await runQueries(source, [query], signal);
    results = {
      ...results,
      instant: new Map([...results.instant, ...instant]),
      failures: [...results.failures, ...failures],
      sent: results.sent + sent,
    };
    if (failures.length > 0 || instant.size > 0) break;
  }
  return results;
}
