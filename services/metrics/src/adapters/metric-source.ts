import type { LabelValuesOptions, PrometheusClient } from '@bud-monitoring/client/prometheus';
import { partialNote, type MetricSource } from '../ports.js';
import { createConcurrencyLimit } from './concurrency-limit.js';

/** Concurrent requests: fewer than the store evaluates at once by default (20). */
const maxConcurrency = 16;

export interface MetricSourceOptions {
  prometheus: PrometheusClient;
  /** Called for each request to the store. */
  onRequest?: (kind: 'query' | 'query_range' | 'names') => void;
  /** Called with what the store warned of its parts. */
  onWarnings?: (warnings: readonly string[]) => void;
}

/** The metric store by its HTTP API, and how long requests to it wait for their turn (ms). */
export function createMetricSource({
  prometheus,
  onRequest,
  onWarnings,
}: MetricSourceOptions): MetricSource & {
  readonly waitedMs: () => number;
} {
  const limit = createConcurrencyLimit(maxConcurrency);
  let joins: boolean | undefined;
  const send = <T>(
    kind: 'query' | 'query_range' | 'names',
    signal: AbortSignal,
    request: () => Promise<T>,
  ) =>
    limit.run(() => {
      signal.throwIfAborted();
      onRequest?.(kind);
      return request();
    });
  const notesOf = ({ warnings, infos = [] }: { warnings: string[]; infos?: string[] }) => {
    const ofParts = warnings.filter((text) => !isOfQuery(text));
    if (ofParts.length > 0) onWarnings?.(ofParts);
    const notes = [...warnings.filter(isOfQuery), ...infos];
    return ofParts.length === 0 ? notes : [partialNote, ...notes];
  };
  const names = (signal: AbortSignal, label: string, options: LabelValuesOptions) =>
    send('names', signal, async () => {
      const answer = await prometheus.labelValues(label, { ...options, signal });
      return { values: answer.values, notes: notesOf(answer) };
    });
  return {
    waitedMs: () => limit.waitedMs(),
    query: (expr, time, signal) =>
      send('query', signal, async () => {
        const answer = await prometheus.query(expr, { time, signal });
        return { series: answer.series, notes: notesOf(answer) };
      }),
    queryRange: (expr, { start, end, step }, signal) =>
      send('query_range', signal, async () => {
        const answer = await prometheus.queryRange(expr, { start, end, step, signal });
        return { series: answer.series, notes: notesOf(answer) };
      }),
    samples: (selector, time, signal) =>
      send('query', signal, async () => {
        const answer = await prometheus.samples(selector, { time, signal });
        return { series: answer.series, notes: notesOf(answer) };
      }),
    metricNames: (selector, range, signal) =>
      names(signal, '__name__', { match: [selector], ...range }),
    labelValues: (label, selector, range, signal) =>
      names(signal, label, { match: [selector], ...range }),
    retention: (signal) => limit.run(() => prometheus.retention(signal)),
    async joinsReplicas(signal) {
      joins ??= await prometheus.joinsReplicas(signal).catch(() => undefined);
      return joins ?? false;
    },
    clusters: (range, signal) => names(signal, 'cluster', range),
  };
}

/** Whether a warning is about what was asked, and not about a part of the store that did not answer. */
const isOfQuery = (warning: string) => warning.startsWith('PromQL warning:');
