import {
  fleetListSchema,
  fleetQuerySchema,
  type FleetCluster,
  type Warning,
} from '@bud-monitoring/contracts';
import { defineRoute, maySeeCluster, type Route } from '@bud-monitoring/service-kit';
import type { FleetSnapshot } from '../domain/fleet/summary.js';

/** `GET /clusters`. Pages are cut from one snapshot of the fleet, which all callers share. */
export function clustersRoute(options: {
  fleet: (signal: AbortSignal) => Promise<FleetSnapshot>;
}): Route {
  return defineRoute({
    method: 'get',
    path: '/clusters',
    summary: 'All clusters that the caller may see, each summed up',
    permission: 'cluster:view',
    query: fleetQuerySchema,
    statuses: [502],
    object: 'clusters',
    data: fleetListSchema,
    async handler({ query: { limit, cursor }, caller, signal }) {
      const { clusters, warnings } = await options.fleet(signal);
      const visible = clusters.filter(
        ({ cluster_id: id }) => maySeeCluster(caller, id) && (cursor === undefined || id > cursor),
      );
      const page = visible.slice(0, limit);
      const next = visible.length > limit ? (page.at(-1)?.cluster_id ?? null) : null;
      return {
        message: `${page.length} clusters`,
        data: { clusters: page, next, warnings: [...warnings, ...warningsOf(page)] },
      };
    },
  });
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
