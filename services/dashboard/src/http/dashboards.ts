import { clusterIdSchema, dashboardListSchema } from '@bud-monitoring/contracts';
import { defineRoute, maySeeCluster, type Route } from '@bud-monitoring/service-kit';
import { z } from 'zod';
import type { ClusterIndex } from '../domain/state/cluster-index.js';
import type { Records } from '../domain/state/records.js';
import { pageOf } from '../domain/state/page.js';
import type { Clock } from '../ports.js';
import { toListItem, type ResponseOptions } from './responses.js';
import { orUnavailable } from './store-down.js';

/** The query parameter of every paginated list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
};

/** The dashboards of all clusters that the caller may see. */
export function dashboardRoutes(options: {
  index: ClusterIndex;
  records: Records;
  clock: Clock;
  response: Omit<ResponseOptions, 'now'>;
}): Route[] {
  const { index, records, clock } = options;
  return [
    defineRoute({
      method: 'get',
      path: '/dashboards',
      permission: 'cluster:view',
      summary: 'Where the dashboards of all clusters stand',
      object: 'dashboards',
      query: z.object({ ...pageQuery, after: clusterIdSchema.optional() }),
      data: dashboardListSchema,
      handler: async ({ query, caller }) => {
        const now = clock.now();
        const { rows, next } = await orUnavailable(() =>
          pageOf({
            ids: async () => (await index.list()).map(({ id }) => id),
            load: (ids) => records.getMany(ids),
            toRow: (record) => toListItem(record, { ...options.response, now }),
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
