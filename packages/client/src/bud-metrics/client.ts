import { metricsApi, type ApiClient, type QueryInput } from '@bud-monitoring/contracts';

import { invokeApi, type ApiClientOptions } from '../api/invoke-api.js';
import type { CallOptions } from '../invocation.js';

/** App id `bud-metrics` unless told. */
export type MetricsClientOptions = ApiClientOptions;

/** The query of `GET /clusters/{cluster_id}/metrics`, by its own names. */
export type ClusterMetricsQuery = QueryInput<typeof metricsApi.getClusterMetrics.query>;

/** The query of `GET /clusters`, by its own names. */
export type FleetListQuery = QueryInput<typeof metricsApi.listClusters.query>;

/** What bud-metrics tells other services, by Dapr invocation. Failures are `UpstreamError`s. */
export type MetricsClient = ApiClient<typeof metricsApi, CallOptions>;

/** The client of bud-metrics for other services. */
export function createMetricsClient(options: MetricsClientOptions): MetricsClient {
  return invokeApi(metricsApi, 'bud-metrics', options);
}
