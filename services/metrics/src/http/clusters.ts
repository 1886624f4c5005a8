import { metricsApi, type FleetCluster, type Warning } from '@bud-monitoring/contracts';
import { ApiError, defineRoute, maySeeCluster, type Route } from '@bud-monitoring/service-kit';
import { pageOfFleet } from '../domain/fleet/page.js';
import type { FleetSnapshot } from '../domain/fleet/summary.js';
import { toHttpError } from './response/errors.js';

/** The summary of the fleet and of one cluster. All come from one snapshot, which all callers share. */
export function clustersRoutes(options: {
  fleet: (signal: AbortSignal) => Promise<FleetSnapshot>;
}): Route[] {
  return [
    defineRoute({
      ...metricsApi.listClusters,
      summary: 'All clusters that the caller may see, each summed up',
      description:
        'Searched, filtered and sorted before it is cut into pages. While the store is away there are names and alerts, and null for every figure, with a warning.',
      permission: 'cluster:view',
      statuses: [502],
      async handler({ query, caller, signal }) {
        const { clusters, warnings } = await options.fleet(signal);
        const visible = clusters.filter(({ cluster_id: id }) => maySeeCluster(caller, id));
        const page = attempt(() => pageOfFleet(visible, query));
        return {
          message: `${page.clusters.length} of ${page.total} clusters`,
          data: {
            clusters: [...page.clusters],
            next: page.next,
            total: page.total,
            warnings: [...warnings, ...warningsOf(page.clusters)],
          },
        };
      },
    }),
    defineRoute({
      ...metricsApi.getCluster,
      summary: 'A cluster, summed up as in the list',
      permission: 'cluster:view',
      statuses: [404, 502],
      async handler({ params: { cluster_id: cluster }, signal }) {
        const { clusters, warnings } = await options.fleet(signal);
        const found = clusters.find(({ cluster_id: id }) => id === cluster);
        if (found === undefined) {
          if (!warnings.some(({ code }) => code === 'store_unavailable'))
            throw ApiError.notFound('Cluster not found');
          throw ApiError.unavailable('The metric store cannot be asked whether it exists', 10);
        }
        // Those of the whole fleet may tell of clusters that the caller does not see.
        const own = warnings.filter(({ code }) => ownWarnings.has(code));
        return {
          message: 'A cluster',
          data: { ...found, warnings: [...own, ...warningsOf([found])] },
        };
      },
    }),
  ];
}

const ownWarnings: ReadonlySet<string> = new Set(['stale', 'store_unavailable', 'query_failed']);

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw toHttpError(error);
  }
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
