import type { PrometheusClient } from '@bud-monitoring/client/prometheus';
import type { MetricSource } from '../ports.js';

/** Concurrent requests: fewer than the store evaluates at once by default (20). */
const maxConcurrency = 16;

export interface MetricSourceOptions {
  prometheus: PrometheusClient;
  /** Called for each request to the store. */
  onRequest?: (kind: 'query' | 'query_range' | 'names') => void;
}

/** The metric store by its HTTP API, and how long requests to it wait for their turn (ms). */
export function createMetricSource({ prometheus, onRequest }: MetricSourceOptions): MetricSource & {
  readonly waitedMs: () => number;
} {
  const limit = createConcurrencyLimit(maxConcurrency);
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
  return {
    waitedMs: () => limit.waitedMs(),
    query: (expr, time, signal) =>
      send('query', signal, async () => {
        const { series, warnings, infos } = await prometheus.query(expr, { time, signal });
        return { series, notes: [...warnings, ...infos] };
      }),
    queryRange: (expr, { start, end, step }, signal) =>
      send('query_range', signal, async () => {
        const range = { start, end, step };
        const { series, warnings, infos } = await prometheus.queryRange(expr, { ...range, signal });
        return { series, notes: [...warnings, ...infos] };
      }),
    samples: (selector, time, signal) =>
      send('query', signal, async () => {
        const { series, warnings, infos } = await prometheus.samples(selector, { time, signal });
        return { series, notes: [...warnings, ...infos] };
      }),
    metricNames: (selector, range, signal) =>
      send('names', signal, () =>
        prometheus.labelValues('__name__', { match: [selector], ...range, signal }),
      ),
    labelValues: (label, selector, range, signal) =>
      send('names', signal, () =>
        prometheus.labelValues(label, { match: [selector], ...range, signal }),
      ),
    retention: (signal) => limit.run(() => prometheus.retention(signal)),
    clusters: (range, signal) =>
      send('names', signal, () => prometheus.labelValues('cluster', { ...range, signal })),
  };
}

/** Runs at most `max` at once; the others wait in the order they came. */
function createConcurrencyLimit(max: number) {
  let running = 0;
  const waiting: { readonly since: number; readonly start: () => void }[] = [];
  return {
    async run<T>(work: () => Promise<T>): Promise<T> {
      if (running >= max) {
        await new Promise<void>((start) => waiting.push({ since: performance.now(), start }));
      }
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        waiting.shift()?.start();
      }
    },
    /** How long the first of those that wait has waited, ms. */
    waitedMs: () => (waiting[0] === undefined ? 0 : performance.now() - waiting[0].since),
  };
}
