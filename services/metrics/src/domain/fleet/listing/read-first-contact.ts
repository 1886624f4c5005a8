import { durationSeconds } from '@bud-monitoring/promql';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { MetricSource } from '../../../ports.js';
import { createClusterOf } from '../../promql/cluster-label.js';
import type { Figure } from '../../promql/figure.js';
import { runQueries } from '../../promql/queries.js';
import { withNotes } from '../../promql/store-notes.js';
import { fleetScope, type ScopeSettings } from '../../promql/scope.js';
import { day } from '../../time/time-range.js';
import type { StoreFacts } from './first-contact.js';

/** Metrics that show that a cluster is there. */
const signs = ['node_memory_MemTotal_bytes', 'node_uname_info', 'kube_node_info'];

/** Reads in a fixed number of requests what a store is like. Throws what the store throws. */
export async function readFirstContact(
  store: MetricSource,
  request: {
    readonly settings: ScopeSettings;
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<StoreFacts> {
  const { settings, at, signal } = request;
  const range = { start: at - day, end: at };
  const { source, notes } = withNotes(store);
  const [{ values: labels }, { instant: figures }, retention] = await Promise.all([
    source.clusters(range, signal),
    // Hints that cannot be had cost nothing else.
    runQueries(source, [{ group: 'hints', figures: figuresOf(settings), at }], signal),
    source.retention(signal),
  ]);
  const hasSeries =
    labels.length > 0 ||
    (await source.metricNames('{__name__!=""}', range, signal)).values.length > 0;
  const clusterOf = createClusterOf();
  const tableOf = (figure: string) =>
    new Map<ClusterId, number>(
      (figures.get(figure) ?? []).flatMap(({ metric, value }) => {
        const cluster = clusterOf(metric);
        return cluster === null ? [] : [[cluster, value] as const];
      }),
    );
  return {
    labels,
    hasSeries,
    retention: retentionSeconds(retention),
    young: [...tableOf('young').keys()],
    ahead: new Map([...tableOf('newest')].map(([cluster, newest]) => [cluster, newest - at])),
    notes,
  };
}

function figuresOf(settings: ScopeSettings): Figure[] {
  const selected = fleetScope(settings).selectAny(signs);
  const present = (offset: string) => `group by (cluster) (${selected}${offset})`;
  // The hour to come, too: samples of a clock that is ahead.
  const newest = `max_over_time(timestamp(${selected})[1h:5m] offset -1h)`;
  return [
    { figure: 'young', expr: `${present('')} unless ${present(' offset 10m')}` },
    { figure: 'newest', expr: `max by (cluster) (${newest})` },
  ];
}

/** Seconds of Prometheus' `15d or 10GiB`; `null` where no time limits it. */
function retentionSeconds(text: string | null): number | null {
  const [time = ''] = (text ?? '').split(' ');
  return durationSeconds(time) ?? null;
}
