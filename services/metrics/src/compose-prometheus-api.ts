import type { RawStoreOptions } from '@bud-monitoring/client/prometheus';
import { createRawStore } from '@bud-monitoring/client/prometheus';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Route } from '@bud-monitoring/service-kit';
import { createStoreGate } from './adapters/instrumented-store.js';
import type { Config } from './config.js';
import { createKnownClusters } from './domain/clusters/existence-cache.js';
import { createAnswerer } from './domain/prometheus-api/query-executor.js';
import { createFairQueue } from './domain/prometheus-api/upstream/fair-queue.js';
import { createScopedApi } from './domain/prometheus-api/index.js';
import { explainRoute } from './http/prometheus-api/explain.js';
import { prometheusApiRoutes } from './http/prometheus-api/routes.js';
import type { Clock, ClusterRegistry, MetricSource, NodeDirectory } from './ports.js';
import type { Telemetry } from './telemetry.js';

/** The scoped Prometheus API, wired. */
export interface ComposedPrometheusApi {
  routes: Route[];
  onClusterChange: (cluster: ClusterId) => void;
  stop: () => Promise<void>;
}

export function composePrometheusApi(options: {
  config: Config;
  /** How the store is reached. */
  store: Omit<RawStoreOptions, 'timeoutMs' | 'onPolicyState'>;
  source: MetricSource;
  registry: ClusterRegistry;
  directory: NodeDirectory;
  clock: Clock;
  telemetry: Telemetry;
}): ComposedPrometheusApi {
  const { clock, telemetry } = options;
  const { queries } = options.config;
  const { limits } = queries;
  const raw = createRawStore({
    ...options.store,
    // The store gives a query up by itself before we do.
    timeoutMs: limits.timeoutMs + 1000,
    onPolicyState: (_name, state) => telemetry.policyState('prometheus-queries', state),
  });
  const queue = createFairQueue(queries.queue);
  const answerer = createAnswerer({
    ...{ ...queries, queue, clock },
    store: createStoreGate({ store: raw, onRequest: telemetry.storeRequest }),
  });
  telemetry.watchScoped(() => ({ ...queue.load, keptBytes: answerer.bytes }));
  const known = createKnownClusters(options);
  const api = createScopedApi({ answerer, known, limits, clock });
  return {
    routes: [
      ...prometheusApiRoutes({
        ...{ api, timeoutMs: limits.timeoutMs },
        onAnswer: telemetry.scopedAnswer,
      }),
      explainRoute({ api, limits, clock }),
    ],
    onClusterChange: (cluster) => known.forget(cluster),
    stop: () => raw.close(),
  };
}
