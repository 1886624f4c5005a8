import type { FleetCluster } from '@bud-monitoring/contracts';
import type { Interfere } from './serve-console.js';

/** Answers the list of clusters as the API would of so many, by their names; the stream of them is not served. */
export function manyClusters(count: number): Interfere {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/api/streams/metrics') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': nothing\n\n');
      return true;
    }
    if (url.pathname !== '/api/clusters') return undefined;
    const limit = Number(url.searchParams.get('limit') ?? '100');
    const from = Number(url.searchParams.get('cursor') ?? '0');
    const to = Math.min(count, from + limit);
    const data = {
      clusters: Array.from({ length: to - from }, (_, place) => clusterOf(from + place)),
      next: to < count ? String(to) : null,
      total: count,
      ...(url.searchParams.get('counts') === 'true' && { states: null }),
      warnings: [],
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'clusters', message: '', data }));
    return true;
  };
}

function clusterOf(place: number): FleetCluster {
  const number = String(place).padStart(5, '0');
  const percent = (place * 7) % 100;
  const share = {
    total_gib: 100,
    used_gib: percent,
    available_gib: 100 - percent,
    usage_percent: percent,
  };
  return {
    cluster_id: `0c000000-0000-4000-8000-0000000${number}` as FleetCluster['cluster_id'],
    name: `cluster-${number}`,
    state:
      (['healthy', 'warning', 'critical', 'silent', 'unknown'] as const)[place % 5] ?? 'healthy',
    nodes: place % 40,
    ready: place % 40,
    cpu: { usage_percent: percent, cores: 64 },
    memory: share,
    storage: share,
    newest_sample_age_seconds: place % 300,
    alerts: { pending: 0, warning: place % 3, critical: place % 2 },
  };
}
