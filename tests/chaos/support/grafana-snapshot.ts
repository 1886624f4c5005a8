import type { GrafanaSnapshot } from './grafana-diff.js';

/**
 * A snapshot of a Grafana by plain requests: all dashboards that its search lists, each read whole, and
 * all public dashboards. Null where it could not be read.
 */
export async function readSnapshot(url: string): Promise<GrafanaSnapshot | null> {
  const get = async <T>(path: string): Promise<T> => {
    const headers = { authorization: `Basic ${btoa('admin:admin')}` };
    const response = await fetch(`${url}${path}`, { headers });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
    return (await response.json()) as T;
  };
  type PublicDashboards = ReturnType<GrafanaSnapshot['publicDashboards']>;
  interface Stored {
    dashboard: Record<string, unknown> & { uid: string; title: string; version: number };
  }
  try {
    const dashboards: ReturnType<GrafanaSnapshot['dashboards']> = [];
    for (const { uid } of await get<{ uid: string }[]>('/api/search?type=dash-db&limit=5000')) {
      const { dashboard } = await get<Stored>(`/api/dashboards/uid/${uid}`);
      const { title, version } = dashboard;
      dashboards.push({ uid, title, version, data: dashboard });
    }
    const listed = await get<PublicDashboards | { publicDashboards: PublicDashboards }>(
      '/api/dashboards/public-dashboards?perpage=1000',
    );
    const publicDashboards = Array.isArray(listed) ? listed : listed.publicDashboards;
    return { dashboards: () => dashboards, publicDashboards: () => publicDashboards };
  } catch {
    // Something went while it was read, or a connection broke.
    return null;
  }
}
