import {
  fleetListSchema,
  fleetQuerySchema,
  type ClusterId,
  type FleetCluster,
  type FleetQuery,
  type Warning,
} from '@bud-monitoring/contracts';
import { defineRoute, maySeeCluster, type Route } from '@bud-monitoring/service-kit';
import type { Fleet } from '../domain/fleet/index.js';

/** `GET /clusters`. A page asks the store for its own clusters. */
export function clustersRoute({ fleet }: { fleet: Fleet }): Route {
  return defineRoute({
    method: 'get',
    path: '/clusters',
    summary: 'All clusters that the caller may see, each summed up',
    permission: 'cluster:view',
    query: fleetQuerySchema,
    statuses: [502],
    object: 'clusters',
    data: fleetListSchema,
    async handler({ query: { limit, cursor, sort }, caller, signal }) {
      const ids = await (sort === 'need' ? fleet.idsByNeed(signal) : fleet.ids(signal));
      const visible = ids.filter((id) => maySeeCluster(caller, id));
      const rest = visible.slice(firstAfter(visible, cursor, sort));
      const page = rest.slice(0, limit);
      const { clusters, warnings } = await fleet.summary(page, signal);
      return {
        message: `${page.length} clusters`,
        data: {
          clusters: [...clusters],
          total: visible.length,
          next: rest.length > limit ? (page.at(-1) ?? null) : null,
          warnings: [...warnings, ...warningsOf(clusters)],
        },
      };
    },
  });
}

/** Where the page after a cluster begins; one that is gone has its place by its id alone. */
function firstAfter(
  visible: readonly ClusterId[],
  cursor: ClusterId | undefined,
  sort: FleetQuery['sort'],
): number {
  if (cursor === undefined) return 0;
  if (sort === 'need') return visible.indexOf(cursor) + 1;
  const next = visible.findIndex((id) => id > cursor);
  return next === -1 ? visible.length : next;
}

/** Most clusters one warning names. */
const maxNamed = 20;

function warningsOf(page: readonly FleetCluster[]): Warning[] {
  return (['cpu', 'memory', 'storage'] as const).flatMap((metric) => {
    const missing = page.filter((cluster) => cluster[metric].usage_percent === null);
    if (missing.length === 0) return [];
    const names = missing.slice(0, maxNamed).map(({ cluster_id }) => cluster_id);
    const more = missing.length > maxNamed ? ' and others' : '';
    const message = `There is no data for ${metric} of ${names.join(', ')}${more}`;
    return [{ code: 'no_data', metric, message }];
  });
}
