import {
  alertListSchema,
  clusterMetricsSchema,
  clusterThresholdsSchema,
  envelope,
  errorSchema,
  fleetListSchema,
  nodeMetricsSchema,
  type AlertList,
  type AlertOverrides,
  type ClusterMetrics,
  type ClusterThresholds,
  type FleetList,
  type fleetQuerySchema,
  type metricsQuerySchema,
  type NodeMetrics,
} from '@bud-monitoring/contracts';
import { z } from 'zod';

import type { Dapr } from '../dapr/types.js';
import { createInvocation, type CallOptions } from '../invocation.js';
import { pathSegment } from '../http/url.js';

export interface MetricsClientOptions {
  dapr: Dapr;
  /** Dapr app id of bud-metrics. Default `bud-metrics`. */
  appId?: string | undefined;
  /** Milliseconds one call may take. Default 15 000. */
  timeoutMs?: number | undefined;
}

/** The query of `GET /clusters/{cluster_id}/metrics`, by its own names. */
export type ClusterMetricsQuery = z.input<typeof metricsQuerySchema>;

/** The query of `GET /clusters`, by its own names. */
export type FleetListQuery = Partial<z.output<typeof fleetQuerySchema>>;

/** What bud-metrics tells other services, by Dapr invocation. Failures are `UpstreamError`s. */
export interface MetricsClient {
  /** A page of the clusters that the caller may see, each summed up; `next` is the next `cursor`. */
  listClusters(query?: FleetListQuery, options?: CallOptions): Promise<FleetList>;
  /** Figures of a cluster and its nodes; `not_found` for a cluster nobody knows. */
  getClusterMetrics(
    clusterId: string,
    query?: ClusterMetricsQuery,
    options?: CallOptions,
  ): Promise<ClusterMetrics>;
  /** State and details of each node, by its address. */
  getNodeMetrics(clusterId: string, options?: CallOptions): Promise<NodeMetrics>;
  /** Pending and firing alerts, and those resolved in the last hour. */
  getAlerts(clusterId: string, options?: CallOptions): Promise<AlertList>;
  /** From which values on the cluster has alerts. */
  getAlertThresholds(clusterId: string, options?: CallOptions): Promise<ClusterThresholds>;
  /** Replaces the cluster's own thresholds; what is left out is as configured for all. */
  putAlertThresholds(
    clusterId: string,
    thresholds: AlertOverrides,
    options?: CallOptions,
  ): Promise<ClusterThresholds>;
  /** Goes back to the thresholds that are configured for all clusters. */
  resetAlertThresholds(clusterId: string, options?: CallOptions): Promise<ClusterThresholds>;
  /** The thresholds as a rule file for Prometheus, YAML. */
  getAlertRules(clusterId: string, options?: CallOptions): Promise<string>;
}

const fleetAnswer = envelope('clusters', fleetListSchema);
const clusterAnswer = envelope('cluster.metrics', clusterMetricsSchema);
const nodesAnswer = envelope('cluster.node-metrics', nodeMetricsSchema);
const alertsAnswer = envelope('cluster.alerts', alertListSchema);
const thresholdsAnswer = envelope('cluster.alert-thresholds', clusterThresholdsSchema);

/** The client of bud-metrics for other services. */
export function createMetricsClient(options: MetricsClientOptions): MetricsClient {
  const { dapr, appId = 'bud-metrics', timeoutMs = 15_000 } = options;
  const upstream = 'bud-metrics';
  const call = createInvocation({ dapr, appId, upstream, timeoutMs, errorAnswer: errorSchema });
  const pathOf = (clusterId: string, what: string) => `/clusters/${pathSegment(clusterId)}/${what}`;
  const thresholds = async (
    clusterId: string,
    request: { method: 'GET' | 'PUT' | 'DELETE'; body?: AlertOverrides },
    caller: CallOptions,
  ) => {
    const path = pathOf(clusterId, 'alert-thresholds');
    return (await call({ ...request, path, ...caller, answer: thresholdsAnswer })).data;
  };
  return {
    async listClusters(query = {}, caller = {}) {
      const asked = { path: '/clusters', query: parametersOf(query), answer: fleetAnswer };
      return (await call({ ...asked, ...caller })).data;
    },
    async getClusterMetrics(clusterId, query = {}, caller = {}) {
      const path = pathOf(clusterId, 'metrics');
      const asked = { path, query: parametersOf(query), answer: clusterAnswer };
      return (await call({ ...asked, ...caller })).data;
    },
    async getNodeMetrics(clusterId, caller = {}) {
      const path = pathOf(clusterId, 'node-metrics');
      return (await call({ path, ...caller, answer: nodesAnswer })).data;
    },
    async getAlerts(clusterId, caller = {}) {
      const path = pathOf(clusterId, 'alerts');
      return (await call({ path, ...caller, answer: alertsAnswer })).data;
    },
    getAlertThresholds: (clusterId, caller = {}) =>
      thresholds(clusterId, { method: 'GET' }, caller),
    putAlertThresholds: (clusterId, body, caller = {}) =>
      thresholds(clusterId, { method: 'PUT', body }, caller),
    resetAlertThresholds: (clusterId, caller = {}) =>
      thresholds(clusterId, { method: 'DELETE' }, caller),
    getAlertRules: (clusterId, caller = {}) =>
      call({ path: pathOf(clusterId, 'alert-rules'), ...caller, answer: z.string() }),
  };
}

/** Query parameters as texts; what is undefined is left out. */
function parametersOf(query: object): Record<string, string | string[]> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)]),
  );
}
