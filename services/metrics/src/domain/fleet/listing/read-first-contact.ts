import { durationSeconds } from '@bud-monitoring/promql';
import type { MetricSource } from '../../../ports.js';
import { withNotes } from '../../promql/store-notes.js';
import { day } from '../../time/time-range.js';
import type { StoreFacts } from './first-contact.js';

/** Reads in a fixed number of requests what a store is like. Throws what the store throws. */
export async function readFirstContact(
  store: MetricSource,
  request: {
    /** Unix seconds. */
    readonly at: number;
    readonly signal: AbortSignal;
  },
): Promise<StoreFacts> {
  const { at, signal } = request;
  const range = { start: at - day, end: at };
  const { source, notes } = withNotes(store);
  const [{ values: labels }, retention] = await Promise.all([
    source.clusters(range, signal),
    source.retention(signal),
  ]);
  const hasSeries =
    labels.length > 0 ||
    (await source.metricNames('{__name__!=""}', range, signal)).values.length > 0;
  return { labels, hasSeries, retention: retentionSeconds(retention), notes };
}

/** Seconds of Prometheus' `15d or 10GiB`; `null` where no time limits it. */
function retentionSeconds(text: string | null): number | null {
  const [time = ''] = (text ?? '').split(' ');
  return durationSeconds(time) ?? null;
}
