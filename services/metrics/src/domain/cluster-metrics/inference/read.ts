import type { MetricSource } from '../../../ports.js';
import {
  inferenceCounters,
  inferenceGauges,
  latencyBuckets,
} from '../../metrics/inference/figures.js';
import { mergeResults, runQueries, type QueryResults } from '../../promql/queries.js';
import { readCurrentRates } from '../../time-base/current-rates.js';
import type { ReadRequest } from '../read/request.js';

/** Seconds before the end of which latencies are told: longer ones read too many buckets. */
const longestLatencyRange = 3600;

/** Reads what servers of models say at the end; `null` where it was not asked for, or there are none. */
export async function readInference(
  source: MetricSource,
  { probe, window, selection, query, signal }: ReadRequest,
): Promise<QueryResults | null> {
  // Which node a replica is on is not known.
  if (!selection.inference || query.node !== undefined) return null;
  const { scope, semantics } = probe;
  const at = window.end;
  const seconds = Math.min(longestLatencyRange, Math.max(300, window.end - window.start));
  const queries = [
    { group: 'inference', figures: inferenceGauges(scope), at },
    { group: 'latencies of inference', figures: latencyBuckets(scope, seconds), at },
  ].filter(({ figures }) => figures.length > 0);
  const rates = readCurrentRates(source, {
    scope,
    figuresOf: inferenceCounters,
    at,
    semantics,
    signal,
    group: 'rates of inference',
  });
  const [now, { results }] = await Promise.all([runQueries(source, queries, signal), rates]);
  return now.sent + results.sent === 0 ? null : mergeResults(now, results);
}
