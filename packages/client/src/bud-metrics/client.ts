import {
  clusterMetricsSchema,
  envelope,
  errorSchema,
  nodeMetricsSchema,
  type ClusterMetrics,
  type metricsQuerySchema,
  type NodeMetrics,
} from '@bud-monitoring/contracts';
import type { z } from 'zod';

import type { Dapr } from '../dapr/types.js';
import { createInvocation, type CallOptions } from '../invocation.js';
import { pathSegment } from '../request.js';

export interface MetricsClientOptions {
  dapr: Dapr;
  /** Dapr app id of bud-metrics. Default `bud-metrics`. */
  appId?: string | undefined;
  /** Milliseconds one call may take. Default 15 000. */
  timeoutMs?: number | undefined;
}

/** The query of `GET /clusters/{cluster_id}/metrics`, by its own names. */
export type ClusterMetricsQuery = z.input<typeof metricsQuerySchema>;

/** What bud-metrics tells other services, by Dapr invocation. Failures are `UpstreamError`s. */
export interface MetricsClient {
  /** Figures of a cluster and its nodes; `not_found` for a cluster nobody knows. */
  getClusterMetrics(
    clusterId: string,
    query?: ClusterMetricsQuery,
    options?: CallOptions,
  ): Promise<ClusterMetrics>;
  /** State and details of each node, by its address. */
  getNodeMetrics(clusterId: string, options?: CallOptions): Promise<NodeMetrics>;
}

const clusterAnswer = envelope('cluster.metrics', clusterMetricsSchema);
const nodesAnswer = envelope('cluster.node-metrics', nodeMetricsSchema);

/** The client of bud-metrics for other services. */
export function createMetricsClient(options: MetricsClientOptions): MetricsClient {
  const { dapr, appId = 'bud-metrics', timeoutMs = 15_000 } = options;
  const upstream = 'bud-metrics';
  const read = createInvocation({ dapr, appId, upstream, timeoutMs, errorAnswer: errorSchema });
  return {
    async getClusterMetrics(clusterId, query = {}, { token, signal } = {}) {
      const path = `/clusters/${pathSegment(clusterId)}/metrics`;
      const given = Object.entries(query).filter(([, value]) => value !== undefined);
      const parameters = Object.fromEntries(given) as Record<string, string | string[]>;
      const call = { path, query: parameters, token, answer: clusterAnswer, signal };
      return (await read(call)).data;
    },
    async getNodeMetrics(clusterId, { token, signal } = {}) {
      const path = `/clusters/${pathSegment(clusterId)}/node-metrics`;
      return (await read({ path, token, answer: nodesAnswer, signal })).data;
    },
  };
}
