import type { MetricSource } from '../../../ports.js';
import {
  inferenceCounters,
  inferenceGauges,
  latencyBuckets,
} from '../../metrics/inference/figures.js';
import { mergeResults, runQueries, type Query, type QueryResults } from '../../promql/queries.js';
import { endReading } from '../../targets/instant-reading.js';
import { readCurrentRates } from '../../time-base/current-rates.js';
import type { ReadRequest } from '../read/request.js';

/** Seconds before the end of which latencies are told: longer ones read too many buckets. */
const longestLatencyRange = 3600;

/** What servers of models say at the end of the window, and of their latencies at that of the one before. */
export interface InferenceReadings {
  readonly now: QueryResults;
  readonly before: QueryResults;
}

/** Reads what servers of models say; `null` where it was not asked for, or there are none. */
export async function readInference(
  source: MetricSource,
  { probe, window, selection, signal }: ReadRequest,
): Promise<InferenceReadings | null> {
  if (!selection.inference) return null;
  const { scope, semantics } = probe;
  const at = window.end;
  const seconds = Math.min(longestLatencyRange, Math.max(300, window.end - window.start));
  const latencies = latencyBuckets(scope, seconds);
  const run = (queries: Query[]) =>
    runQueries(
      source,
      queries.filter(({ figures }) => figures.length > 0),
      signal,
    );
  const running = run([
    { group: 'inference', figures: inferenceGauges(scope, endReading), at },
    { group: 'latencies of inference', figures: latencies, at },
  ]);
  const runningBefore = run([
    { group: 'latencies of inference before', figures: latencies, at: window.previous.end },
  ]);
  const rates = readCurrentRates(source, {
    scope,
    figuresOf: inferenceCounters,
    at,
    semantics,
    signal,
    group: 'rates of inference',
  });
  const [now, before, { results }] = await Promise.all([running, runningBefore, rates]);
  return now.sent + results.sent === 0 ? null : { now: mergeResults(now, results), before };
}
