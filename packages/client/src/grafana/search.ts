import { searchSchema } from './schemas.js';
import type { Transport } from './transport.js';
import type { GrafanaClient } from './types.js';

/** Hits on one page: the most that Grafana gives. */
const pageSize = 5_000;

/** Dashboards by their tags. */
export function createSearch({ read }: Transport): Pick<GrafanaClient, 'findDashboardsByTag'> {
  return {
    async findDashboardsByTag(tag, signal) {
      const all = [];
      for (let page = 1; ; page += 1) {
        const query = new URLSearchParams({
          type: 'dash-db',
          tag,
          limit: String(pageSize),
          page: String(page),
        });
        const path = `/api/search?${query.toString()}`;
        const hits = await read({ method: 'GET', path, signal }, searchSchema);
        all.push(...hits);
        if (hits.length < pageSize) return all;
      }
    },
  };
}
