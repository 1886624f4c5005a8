import { ours } from './system.js';

/** A request whose right answer stays the same for as long as the store has samples. */
export interface KnownRequest {
  /** As in the document of its service. */
  readonly operation: string;
  /** Below the address of the API. */
  readonly path: string;
  /** What of an answer is compared. */
  readonly told: (body: Body) => unknown;
}

export type Body = Readonly<Record<string, unknown>>;

const now = Math.floor(Date.now() / 1000);
const range = `start=${now - 3000}&end=${now - 600}&step=60`;
const cluster = `/clusters/${ours}`;
const rate = encodeURIComponent('sum by (mode) (rate(node_cpu_seconds_total[5m]))');
const stranger = '5a000000-0000-4000-8000-0000000000ff';

const pick = (from: unknown, ...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, (from as Body)[name]]));
const data = (body: Body) => body['data'] as Body;
const figuresOf = (body: Body) => ({
  ...pick(data(body), 'nodes', 'cluster_summary'),
  ...pick(data(body)['coverage'], 'nodes_expected', 'nodes_reporting'),
});
const list = (from: Body, name: string) => from[name] as readonly Body[];

/** Of the store, of bud-cluster, of the state in Redis and of both services. */
export const knownRequests: readonly KnownRequest[] = [
  {
    operation: 'GET /clusters/{cluster_id}/metrics',
    path: `${cluster}/metrics?${range}&series=true`,
    told: figuresOf,
  },
  {
    operation: 'GET /clusters/{cluster_id}/metrics',
    path: `${cluster}/metrics?time_range=10min&metric_type=memory&series=false`,
    told: figuresOf,
  },
  {
    operation: 'GET /clusters/{cluster_id}/node-metrics',
    path: `${cluster}/node-metrics`,
    told: (body) =>
      Object.entries(data(body)['nodes'] as Body).map(([key, node]) => [
        key,
        pick(node, 'hostname', 'status', 'conditions', 'memory', 'events_count', 'id', 'devices'),
      ]),
  },
  {
    operation: 'GET /clusters/{cluster_id}/prometheus/api/v1/query_range',
    path: `${cluster}/prometheus/api/v1/query_range?query=${rate}&${range}`,
    told: data,
  },
  {
    operation: 'GET /clusters/{cluster_id}/prometheus/api/v1/query',
    path: `${cluster}/prometheus/api/v1/query?query=kube_pod_info&time=${now - 600}`,
    told: data,
  },
  {
    operation: 'GET /clusters',
    path: '/clusters',
    told: (body) =>
      list(data(body), 'clusters').map((one) =>
        pick(one, 'cluster_id', 'name', 'nodes', 'ready', 'memory'),
      ),
  },
  {
    operation: 'GET /clusters/{cluster_id}/alerts',
    path: `${cluster}/alerts`,
    told: (body) =>
      list(data(body), 'alerts').map((one) => pick(one, 'metric', 'node', 'severity')),
  },
  {
    operation: 'GET /clusters/{cluster_id}/alert-thresholds',
    path: `${cluster}/alert-thresholds`,
    told: data,
  },
  {
    operation: 'GET /clusters/{cluster_id}/grafana-dashboard',
    path: `${cluster}/grafana-dashboard`,
    told: data,
  },
  {
    operation: 'GET /clusters/{cluster_id}/metrics',
    path: `/clusters/${stranger}/metrics?time_range=10min`,
    told: (body) => pick(body, 'code', 'type', 'message'),
  },
];

/** Whether an answer says nothing else than the right one; one that may lack figures has null, or no points, for them. */
export function agrees(right: unknown, given: unknown, mayLack: boolean): boolean {
  if (mayLack && (given === null || (Array.isArray(given) && given.length === 0))) return true;
  if (typeof right !== 'object' || right === null) return right === given;
  if (typeof given !== 'object' || given === null) return false;
  const names = new Set([...Object.keys(right), ...Object.keys(given)]);
  return [...names].every((name) => agrees((right as Body)[name], (given as Body)[name], mayLack));
}
