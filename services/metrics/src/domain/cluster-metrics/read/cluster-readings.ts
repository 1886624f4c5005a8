import type { MetricsQuery } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import type { Selection } from '../../metrics/index.js';
import { withGoneNodes } from '../../nodes/gone-nodes.js';
import { countNodes } from '../../nodes/node-info.js';
import { runQueries, type QueryResults } from '../../promql/queries.js';
import type { Probe } from '../../targets/probe.js';
import type { Window } from '../../time/window.js';
import { planInstant } from '../plan/instant.js';
import { planMeans, type MeanPart } from '../plan/means.js';
import { planSeries } from '../plan/series.js';

/** Most nodes with which an answer carries series unless the request says otherwise. */
export const seriesNodes = 50;

/** Everything the store answered. */
export interface ClusterReadings {
  /** At the end of the window. */
  readonly now: QueryResults;
  readonly means: readonly { readonly part: MeanPart; readonly results: QueryResults }[];
  readonly series: QueryResults | null;
  readonly seriesLeftOut: boolean;
}

interface ReadRequest {
  readonly probe: Probe;
  readonly window: Window;
  readonly selection: Selection;
  readonly query: MetricsQuery;
  readonly signal: AbortSignal;
}

/** Sends all queries at once; throws the first failure where all of them failed. */
export async function readCluster(
  source: MetricSource,
  { probe, window, selection, query, signal }: ReadRequest,
): Promise<ClusterReadings> {
  const readingNow = runQueries(source, planInstant(probe, window, selection), signal).then(
    (live) => withGoneNodes(live, source, { probe, range: window, signal }),
  );
  const readingMeans = planMeans(probe, window, selection).map(async (part) => ({
    part,
    results: await runQueries(source, part.queries, signal),
  }));
  const readSeries = async (): Promise<'left out' | QueryResults | null> => {
    if (query.series === 'false') return null;
    if (query.series === undefined) {
      // The number of nodes decides, so this waits for it; it is the cheapest of all requests.
      const known = countNodes(await readingNow);
      const count = query.node === undefined ? known : Math.min(known, query.node.length);
      if (count > seriesNodes) return 'left out';
    }
    return runQueries(source, planSeries(probe, window, selection), signal);
  };
  const [now, series, ...means] = await Promise.all([readingNow, readSeries(), ...readingMeans]);
  // What is known of the window before is of no use alone.
  const own = means.filter(({ part }) => part.range.end > window.previous.end);
  const all = [now, ...own.map(({ results }) => results)];
  const failed = all.flatMap(({ failures }) => failures);
  const sent = all.reduce((sum, one) => sum + one.sent, 0);
  if (sent > 0 && failed.length === sent) throw failed[0]?.error;
  return {
    now,
    means,
    series: series === 'left out' ? null : series,
    seriesLeftOut: series === 'left out',
  };
}
