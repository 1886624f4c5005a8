/** How a route is called. */
export interface ApiPath {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As in OpenAPI: `/clusters/{cluster_id}`. */
  readonly path: string;
  /** What a call takes beside the path; nothing unless told. */
  readonly takes?: 'query' | 'body';
}

/**
 * The routes of both services, by the names of the clients' methods, and what a call takes beside the path.
 * Nothing of zod is imported here, so that what runs in a browser stays small; the schemas stand under the same
 * names in `api.ts`.
 */
export const metricsRoutes = {
  whoAmI: { method: 'get', path: '/me' },
  listClusters: { method: 'get', path: '/clusters', takes: 'query' },
  getCluster: { method: 'get', path: '/clusters/{cluster_id}' },
  getClusterMetrics: { method: 'get', path: '/clusters/{cluster_id}/metrics', takes: 'query' },
  getNodeMetrics: { method: 'get', path: '/clusters/{cluster_id}/node-metrics' },
  getNodeEvents: { method: 'get', path: '/clusters/{cluster_id}/node-events/{node}' },
  listAlerts: { method: 'get', path: '/alerts', takes: 'query' },
  getAlerts: { method: 'get', path: '/clusters/{cluster_id}/alerts' },
  getAlertThresholds: { method: 'get', path: '/clusters/{cluster_id}/alert-thresholds' },
  putAlertThresholds: {
    method: 'put',
    path: '/clusters/{cluster_id}/alert-thresholds',
    takes: 'body',
  },
  resetAlertThresholds: { method: 'delete', path: '/clusters/{cluster_id}/alert-thresholds' },
  getAlertRules: { method: 'get', path: '/clusters/{cluster_id}/alert-rules' },
  explainQuery: { method: 'get', path: '/clusters/{cluster_id}/queries/explain', takes: 'query' },
  explainFleetQuery: { method: 'get', path: '/queries/explain', takes: 'query' },
} as const satisfies Record<string, ApiPath>;

export const dashboardRoutes = {
  getGrafanaDashboard: { method: 'get', path: '/clusters/{cluster_id}/grafana-dashboard' },
  provisionGrafanaDashboard: {
    method: 'post',
    path: '/clusters/{cluster_id}/grafana-dashboard',
    takes: 'query',
  },
  removeGrafanaDashboard: { method: 'delete', path: '/clusters/{cluster_id}/grafana-dashboard' },
  rotateLink: { method: 'post', path: '/clusters/{cluster_id}/grafana-dashboard/rotate-link' },
  putSharing: {
    method: 'put',
    path: '/clusters/{cluster_id}/grafana-dashboard/sharing',
    takes: 'body',
  },
  listDashboards: { method: 'get', path: '/dashboards', takes: 'query' },
  listTemplates: { method: 'get', path: '/templates' },
  validateTemplate: { method: 'post', path: '/templates/validate', takes: 'body' },
  listDeadLetters: { method: 'get', path: '/dead-letters', takes: 'query' },
  deleteDeadLetters: { method: 'delete', path: '/dead-letters' },
  getDeadLetter: { method: 'get', path: '/dead-letters/{id}' },
  deleteDeadLetter: { method: 'delete', path: '/dead-letters/{id}' },
  replayDeadLetter: { method: 'post', path: '/dead-letters/{id}/replay' },
} as const satisfies Record<string, ApiPath>;

/** Streams of server-sent events, all of bud-metrics. */
export const streamRoutes = {
  streamClusterMetrics: {
    method: 'get',
    path: '/clusters/{cluster_id}/metrics/stream',
    takes: 'query',
  },
  streamMetrics: { method: 'get', path: '/streams/metrics', takes: 'query' },
  streamAlerts: { method: 'get', path: '/streams/alerts', takes: 'query' },
} as const satisfies Record<string, ApiPath>;
