import {
  clusterIdSchema,
  dashboardListSchema,
  dashboardStatusSchema,
  pageLimitSchema,
  type ClusterId,
  type DashboardList,
} from '@bud-monitoring/contracts';
import {
  defineRoute,
  maySeeCluster,
  type Caller,
  type Route,
  type RouteAnswer,
} from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { Orphans } from '../domain/orphans.js';
import type { ClusterIndex } from '../domain/state/cluster-index.js';
import type { Records } from '../domain/state/record-store.js';
import { pageOf } from '../domain/state/page.js';
import { mainUidOf } from '../domain/templates/render.js';
import type { Clock } from '../ports.js';
import { toListItem, type ResponseOptions } from './responses.js';
import { orUnavailable } from './store-down.js';

/** The query parameter of every paginated list. */
export const pageQuery = {
  limit: pageLimitSchema,
};

/** The dashboards of all clusters that the caller may see. */
export function dashboardRoutes(options: {
  index: ClusterIndex;
  records: Records;
  orphans: Orphans;
  clock: Clock;
  response: Omit<ResponseOptions, 'now'>;
}): Route[] {
  const { index, records, orphans, clock } = options;

  async function orphanPage(
    { after, limit }: { after?: ClusterId | undefined; limit: number },
    caller: Caller,
  ): Promise<RouteAnswer<DashboardList>> {
    const all = (await orUnavailable(() => orphans.list())).filter(
      ({ id }) => maySeeCluster(caller, id) && (after === undefined || id > after),
    );
    const page = all.slice(0, limit);
    const dashboards = page.map(({ id, name }) => ({
      cluster_id: id,
      name,
      uid: mainUidOf(id),
      status: 'orphaned' as const,
      drifted: false,
    }));
    const next = page.length < all.length ? (page.at(-1)?.id ?? null) : null;
    return { data: { dashboards, next }, message: `${page.length} clusters` };
  }

  return [
    defineRoute({
      method: 'get',
      path: '/dashboards',
      permission: 'cluster:view',
      summary: 'Where the dashboards of all clusters stand',
      object: 'dashboards',
      query: z.object({
        ...pageQuery,
        after: clusterIdSchema.optional(),
        /** Only these; `orphaned` searches Grafana. */
        status: dashboardStatusSchema.optional(),
      }),
      data: dashboardListSchema,
      handler: async ({ query, caller }) => {
        const now = clock.now();
        const { status } = query;
        if (status === 'orphaned') return orphanPage(query, caller);
        const { rows, next } = await orUnavailable(() =>
          pageOf({
            ids: async () => (await index.list()).map(({ id }) => id),
            load: (ids) => records.getMany(ids),
            toRow: (record) => {
              const row = toListItem(record, { ...options.response, now });
              return status === undefined || row?.status === status ? row : null;
            },
            maySee: (id) => maySeeCluster(caller, id),
            after: query.after ?? null,
            limit: query.limit,
          }),
        );
        return { data: { dashboards: rows, next }, message: `${rows.length} clusters` };
      },
    }),
  ];
}
