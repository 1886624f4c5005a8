export {
  createMetricsClient,
  type ClusterMetricsQuery,
  type FleetListQuery,
  type MetricsClient,
  type MetricsClientOptions,
} from './client.js';
export type { CallOptions } from '../invocation.js';
