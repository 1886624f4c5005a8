export {
  createMetricsClient,
  type ClusterMetricsQuery,
  type MetricsClient,
  type MetricsClientOptions,
} from './client.js';
export type { CallOptions } from '../invocation.js';
