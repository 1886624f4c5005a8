import { randomUUID } from 'node:crypto';
import type { Dapr } from '@bud-monitoring/client/dapr';
import { topics } from '@bud-monitoring/contracts';

/** What the events so far say of a cluster. */
export interface Expected {
  living: boolean;
  name: string;
}

/** Publishes one event after another about a fixed set of clusters, and keeps what they add up to. */
export function createEvents(dapr: Dapr, count: number) {
  const ids = Array.from({ length: count }, () => randomUUID());
  const ledger = new Map<string, Expected>();
  let published = 0;

  return {
    ledger: ledger as ReadonlyMap<string, Expected>,
    get published() {
      return published;
    },
    /** Creates each cluster, then renames it, then deletes it, in turn, and begins again. */
    async publishNext(): Promise<void> {
      const id = ids[published % count] ?? '';
      const round = Math.floor(published / count);
      const step = (['created', 'updated', 'deleted'] as const)[round % 3] ?? 'created';
      const topic = {
        created: topics.clusterCreated,
        updated: topics.clusterUpdated,
        deleted: topics.clusterDeleted,
      }[step];
      const name = `soak ${published % count} in round ${round}`;
      const cloudEvent = { id: randomUUID(), source: 'soak', time: new Date().toISOString() };
      await dapr.publish('pubsub', topic, { cluster_id: id, name }, { cloudEvent });
      ledger.set(id, { living: step !== 'deleted', name });
      published += 1;
    },
  };
}

/** The routes that are asked in turn, of one cluster. */
const routes = [
  () => '/api/clusters',
  (id: string) => `/api/clusters/${id}/metrics?time_range=10min`,
  (id: string) => `/api/clusters/${id}/metrics?time_range=today&series=false`,
  (id: string) => `/api/clusters/${id}/node-metrics`,
  (id: string) => `/api/clusters/${id}/alerts`,
  (id: string) => `/api/clusters/${id}/alert-thresholds`,
  (id: string) => `/api/clusters/${id}/prometheus/api/v1/query?query=up`,
  (id: string) => `/api/clusters/${id}/grafana-dashboard`,
  () => '/api/dashboards',
];

/** Sends plain requests through the gateway, and keeps what was not answered with 200. */
export function createRequests(gateway: string, clusters: readonly string[], token: () => string) {
  let sent = 0;
  const failures: string[] = [];
  return {
    failures: failures as readonly string[],
    get sent() {
      return sent;
    },
    async sendNext(): Promise<void> {
      const route = routes[sent % routes.length] ?? (() => '/');
      const path = route(clusters[Math.floor(sent / routes.length) % clusters.length] ?? '');
      sent += 1;
      const response = await fetch(`${gateway}${path}`, {
        headers: { authorization: `Bearer ${token()}` },
        signal: AbortSignal.timeout(30_000),
      }).catch((error: unknown) => new Response(String(error), { status: 599 }));
      const body = await response.text();
      if (response.status !== 200)
        failures.push(`${response.status} ${path}: ${body.slice(0, 300)}`);
    },
  };
}
