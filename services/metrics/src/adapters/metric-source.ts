import type { PrometheusClient } from '@bud-monitoring/client/prometheus';
import type { MetricSource } from '../ports.js';

/** Concurrent requests: fewer than the store evaluates at once by default (20). */
const maxConcurrency = 16;

export interface MetricSourceOptions {
  prometheus: PrometheusClient;
  /** Called for each request to the store. */
  onRequest?: (kind: 'query' | 'query_range' | 'names') => void;
}

/** The metric store by its HTTP API. */
export function createMetricSource({ prometheus, onRequest }: MetricSourceOptions): MetricSource {
  const limit = createConcurrencyLimit(maxConcurrency);
  const send = <T>(
    kind: 'query' | 'query_range' | 'names',
    signal: AbortSignal,
    request: () => Promise<T>,
  ) =>
    limit(() => {
      signal.throwIfAborted();
      onRequest?.(kind);
      return request();
    });
  return {
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
    retention: (signal) => limit(() => prometheus.retention(signal)),
    clusters: (range, signal) =>
      send('names', signal, () => prometheus.labelValues('cluster', { ...range, signal })),
  };
}

/** Runs at most `max` at once; the others wait in the order they came. */
function createConcurrencyLimit(max: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async function limited<T>(run: () => Promise<T>): Promise<T> {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await run();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
