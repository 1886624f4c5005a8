import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import type { Seen } from './holdings.js';

/** What somebody else sees of a Grafana: all dashboards by its search, each read whole, and all links. */
export async function look(hand: GrafanaClient, url: string): Promise<Seen> {
  const headers = { authorization: `Basic ${btoa('admin:admin')}` };
  const answer = await fetch(`${url}/api/search?type=dash-db&limit=5000`, { headers });
  if (!answer.ok) throw new Error(`the search was answered ${answer.status}`);
  const hits = (await answer.json()) as { uid: string }[];
  const stored = await Promise.all(hits.map(({ uid }) => hand.getDashboard(uid)));
  const dashboards = stored.flatMap((one) => {
    if (one === null) return [];
    const { uid, version, title, ...data } = one.dashboard;
    return [{ uid, version, title: String(title), data }];
  });
  const shares = await hand.listShares();
  return { dashboards: () => dashboards, shares: () => shares };
}
