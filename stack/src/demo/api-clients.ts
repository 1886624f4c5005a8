import {
  alertListSchema,
  clusterMetricsSchema,
  envelope,
  errorSchema,
  grafanaDashboardAnswerSchema,
  nodeMetricsSchema,
  type AlertList,
  type ClusterMetrics,
  type GrafanaDashboard,
  type NodeMetrics,
} from '@bud-monitoring/contracts';
import { createDashboardClient } from '@bud-monitoring/client/bud-dashboard';
import { createMetricsClient, type ClusterMetricsQuery } from '@bud-monitoring/client/bud-metrics';
import type { Dapr } from '@bud-monitoring/client/dapr';
import type { z } from 'zod';

const TIMEOUT_MS = 30_000;

/** One way to ask both services; both ways give the same answers. */
export interface ServicesClient {
  metrics(clusterId: string, query: ClusterMetricsQuery): Promise<ClusterMetrics>;
  nodes(clusterId: string): Promise<NodeMetrics>;
  alerts(clusterId: string): Promise<AlertList>;
  dashboard(clusterId: string): Promise<GrafanaDashboard>;
}

/** As another service asks: by Dapr service invocation, with the typed clients. */
export function viaDapr(dapr: Dapr, token: string, signal: AbortSignal): ServicesClient {
  const metrics = createMetricsClient({ dapr, timeoutMs: TIMEOUT_MS });
  const dashboards = createDashboardClient({ dapr, timeoutMs: TIMEOUT_MS });
  const options = { token, signal };
  return {
    metrics: (clusterId, query) => metrics.getClusterMetrics(clusterId, query, options),
    nodes: (clusterId) => metrics.getNodeMetrics(clusterId, options),
    alerts: (clusterId) => metrics.getAlerts(clusterId, options),
    dashboard: (clusterId) => dashboards.getGrafanaDashboard(clusterId, options),
  };
}

/** As a frontend asks: over HTTP, with a bearer token. */
export function viaGateway(url: string, token: string, signal: AbortSignal): ServicesClient {
  async function get<T>(path: string, answer: z.ZodType<T>): Promise<T> {
    const response = await fetch(`${url}/api/clusters/${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const body: unknown = await response.json();
    if (response.ok) return answer.parse(body);
    const said = errorSchema.safeParse(body).data?.message ?? 'no reason';
    throw new Error(`GET /api/clusters/${path} answered ${response.status}: ${said}`);
  }

  const metricsAnswer = envelope('cluster.metrics', clusterMetricsSchema);
  const alertsAnswer = envelope('cluster.alerts', alertListSchema);
  const nodesAnswer = envelope('cluster.node-metrics', nodeMetricsSchema);
  return {
    async metrics(clusterId, query) {
      const given = Object.entries(query).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, String(one)]),
      );
      const parameters = new URLSearchParams(given);
      return (await get(`${clusterId}/metrics?${parameters.toString()}`, metricsAnswer)).data;
    },
    nodes: async (clusterId) => (await get(`${clusterId}/node-metrics`, nodesAnswer)).data,
    alerts: async (clusterId) => (await get(`${clusterId}/alerts`, alertsAnswer)).data,
    dashboard: async (clusterId) =>
      (await get(`${clusterId}/grafana-dashboard`, grafanaDashboardAnswerSchema)).data,
  };
}
