import type { RawStoreOptions } from '@bud-monitoring/client/prometheus';
import { createRawStore } from '@bud-monitoring/client/prometheus';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { ApiError, Route } from '@bud-monitoring/service-kit';
import { createInstrumentedStore } from './adapters/instrumented-store.js';
import type { Config } from './config.js';
import { createExistenceCache } from './domain/clusters/existence-cache.js';
import type { StoredLabels } from './domain/clusters/stored-labels.js';
import { createQueryExecutor } from './domain/prometheus-api/query-executor.js';
import { createFairQueue } from './domain/prometheus-api/upstream/fair-queue.js';
import { createScopedApi } from './domain/prometheus-api/index.js';
import { explainRoutes } from './http/prometheus-api/explain.js';
import { queueRefusal } from './http/prometheus-api/queue-refusal.js';
import { prometheusApiRoutes } from './http/prometheus-api/routes.js';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from './ports.js';
import type { Telemetry } from './telemetry.js';

/** The scoped Prometheus API, wired. */
export interface ComposedPrometheusApi {
  routes: Route[];
  /** What the queue would say to a request, by its URL. */
  queueRefusal: (url: string) => ApiError | undefined;
  onClusterChange: (cluster: ClusterId) => void;
  stop: () => Promise<void>;
}

export function composePrometheusApi(options: {
  config: Config;
  /** How the metric store is reached. */
  connection: Omit<RawStoreOptions, 'timeoutMs' | 'onCircuitState'>;
  source: MetricSource;
  storedLabels: StoredLabels;
  registry: ClusterRegistry;
  directory: NodeDirectory;
  clock: Clock;
  telemetry: Telemetry;
}): ComposedPrometheusApi {
  const { source, storedLabels, registry, directory, clock, telemetry } = options;
  const { queries } = options.config;
  const { limits } = queries;
  const store = createRawStore({
    ...options.connection,
    // The store ends a query by its own timeout before we do.
    timeoutMs: limits.timeoutMs + 1000,
    onCircuitState: (_name, state) => telemetry.policyState('prometheus-queries', state),
  });
  const queue = createFairQueue(queries.queue, clock);
  const executor = createQueryExecutor({
    upstream: createInstrumentedStore({ store, onRequest: telemetry.storeRequest }),
    queue,
    clock,
    cacheBytes: queries.cacheBytes,
    maxResponseBytes: queries.maxResponseBytes,
    freshMs: queries.freshMs,
    settledAfterSeconds: queries.settledAfterSeconds,
    extentSeconds: queries.extentSeconds,
  });
  telemetry.observeScopedApi(() => ({ ...queue.load, cachedBytes: executor.cachedBytes }));
  const existence = createExistenceCache({ source, registry, directory, clock });
  const api = createScopedApi({ executor, existence, storedLabels, limits, clock });
  return {
    routes: [
      ...prometheusApiRoutes({
        api,
        timeoutMs: limits.timeoutMs,
        onResponse: telemetry.scopedResponse,
      }),
      ...explainRoutes({ api, limits }),
    ],
    queueRefusal: queueRefusal(queue),
    onClusterChange: (cluster) => existence.invalidate(cluster),
    stop: () => store.close(),
  };
}
