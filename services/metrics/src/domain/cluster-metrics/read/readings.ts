import type { MetricsQuery } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import type { Selection } from '../../metrics/index.js';
import { withGone } from '../../nodes/node-info.js';
import { collect, type Collected } from '../../promql/queries.js';
import type { Probe } from '../../targets/probe.js';
import type { Window } from '../../time/window.js';
import { planMeans, planNow, planSeries, type MeanPiece } from '../plan/means.js';

/** Up to so many nodes an answer carries series unless told otherwise. */
export const seriesNodes = 50;

/** Everything the store answered. */
export interface Gathered {
  readonly now: Collected;
  readonly means: readonly { readonly piece: MeanPiece; readonly collected: Collected }[];
  readonly series: Collected | null;
  readonly seriesLeftOut: boolean;
}

interface GatherRequest {
  readonly probe: Probe;
  readonly window: Window;
  readonly selection: Selection;
  readonly query: MetricsQuery;
  readonly signal: AbortSignal;
}

/** Asks all at once; throws when nothing useful came of it. */
export async function gather(
  source: MetricSource,
  { probe, window, selection, query, signal }: GatherRequest,
): Promise<Gathered> {
  const asking = collect(source, planNow(probe, window, selection), signal).then((now) =>
    withGone(now, source, { probe, span: window, signal }),
  );
  const meaning = planMeans(probe, window, selection).pieces.map(async (piece) => ({
    piece,
    collected: await collect(source, piece.queries, signal),
  }));
  const series = async (): Promise<'left out' | Collected | null> => {
    if (query.series === 'false') return null;
    if (query.series === undefined) {
      // Who is there decides, so this waits for it; it is the cheapest of all requests.
      const known = countNodes(await asking);
      const kept = query.node === undefined ? known : Math.min(known, query.node.length);
      if (kept > seriesNodes) return 'left out';
    }
    return collect(source, planSeries(probe, window, selection), signal);
  };
  const [now, ranged, ...means] = await Promise.all([asking, series(), ...meaning]);
  // What is kept of the window before is no use alone.
  const own = means.filter(({ piece }) => piece.span.end > window.previous.end);
  const all = [now, ...own.map(({ collected }) => collected)];
  const failed = all.flatMap(({ failures }) => failures);
  const sent = all.reduce((sum, one) => sum + one.asked, 0);
  // Nothing useful is left: the caller is told why.
  if (sent > 0 && failed.length === sent) throw failed[0]?.error;
  return {
    now,
    means,
    series: ranged === 'left out' ? null : ranged,
    seriesLeftOut: ranged === 'left out',
  };
}

function countNodes({ moment }: Collected): number {
  return Math.max(moment.get('replicas')?.length ?? 0, moment.get('kubernetes')?.length ?? 0);
}
