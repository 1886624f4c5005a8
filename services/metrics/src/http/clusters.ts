import { metricsApi, type FleetCluster, type Warning } from '@bud-monitoring/contracts';
import { ApiError, defineRoute, type Route } from '@bud-monitoring/service-kit';
import type { Fleet } from '../domain/fleet/index.js';
import { toHttpError } from './response/errors.js';

/** The summary of the fleet, page by page, and of one cluster. */
export function clustersRoutes({ fleet }: { fleet: Fleet }): Route[] {
  return [
    defineRoute({
      ...metricsApi.listClusters,
      summary: 'All clusters that the caller may see, each summed up',
      description:
        'Searched, filtered and sorted before it is cut into pages. A page by id, name or need reads its own clusters only. While the store is away there are names, alerts and the last figures, or null, with a warning.',
      permission: 'cluster:view',
      statuses: [502],
      async handler({ query, caller, signal }) {
        const counting =
          query.counts === 'true' ? fleet.states(caller.clusters, signal) : undefined;
        const [{ clusters, next, total, warnings }, states] = await Promise.all([
          fleet.page(query, caller.clusters, signal),
          counting,
        ]).catch((error: unknown) => {
          throw toHttpError(error);
        });
        return {
          message: `${clusters.length} of ${total} clusters`,
          data: {
            clusters: [...clusters],
            next,
            total,
            ...(counting !== undefined && { states: states ?? null }),
            warnings: [...warnings, ...warningsOf(clusters)],
          },
        };
      },
    }),
    defineRoute({
      ...metricsApi.getCluster,
      summary: 'A cluster, summed up as in the list',
      permission: 'cluster:view',
      statuses: [404, 502],
      async handler({ params: { cluster_id: id }, signal }) {
        const { cluster, warnings } = await fleet.cluster(id, signal);
        if (cluster === null) {
          if (!warnings.some(({ code }) => code === 'store_unavailable' || code === 'stale'))
            throw ApiError.notFound('Cluster not found');
          throw ApiError.unavailable('The metric store cannot be asked whether it exists', 10);
        }
        return {
          message: 'A cluster',
          data: { ...cluster, warnings: [...warnings, ...warningsOf([cluster])] },
        };
      },
    }),
  ];
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
