import {
  clusterIdSchema,
  dashboardApi,
  type ClusterId,
  type DashboardCounts,
  type DashboardList,
} from '@bud-monitoring/contracts';
import {
  ApiError,
  defineRoute,
  maySeeCluster,
  type Caller,
  type Route,
  type RouteAnswer,
} from '@bud-monitoring/service-kit';
import type { Orphans } from '../domain/orphans.js';
import type { ClusterIndex } from '../domain/state/cluster-index.js';
import type { Records } from '../domain/state/record-store.js';
import { createKnownStatuses } from '../domain/state/known-statuses.js';
import { pageOf } from '../domain/state/page.js';
import { mainUidOf } from '../domain/templates/render.js';
import type { Clock } from '../ports.js';
import { toListItem, type ResponseOptions } from './responses.js';
import { orUnavailable } from './store-down.js';

/** The dashboards of all clusters that the caller may see. */
export function dashboardRoutes(options: {
  index: ClusterIndex;
  records: Records;
  orphans: Orphans;
  clock: Clock;
  response: Omit<ResponseOptions, 'now'>;
}): Route[] {
  const { index, records, orphans, clock } = options;
  const knownStatuses = createKnownStatuses({ ...options, sharing: options.response.sharing });

  async function countsFor(caller: Caller): Promise<DashboardCounts> {
    const counts = { failed: 0, unreadable: 0, deleting: 0, pending: 0, disabled: 0, ready: 0 };
    for (const [id, status] of await orUnavailable(knownStatuses))
      if (status !== 'orphaned' && maySeeCluster(caller, id)) counts[status] += 1;
    return counts;
  }

  async function orphanPage(
    { after, limit }: { after?: ClusterId | undefined; limit: number },
    isFound: IsFound,
    caller: Caller,
  ): Promise<RouteAnswer<DashboardList>> {
    const all = (await orUnavailable(() => orphans.list())).filter(
      (orphan) =>
        maySeeCluster(caller, orphan.id) &&
        (after === undefined || orphan.id > after) &&
        isFound(orphan),
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
      ...dashboardApi.listDashboards,
      permission: 'cluster:view',
      summary: 'Where the dashboards of all clusters stand',
      handler: async ({ query, caller }) => {
        const now = clock.now();
        const { status, limit } = query;
        const after = readCursor(query);
        const isFound = search(query.search);
        const counts = query.counts === 'true' && { counts: await countsFor(caller) };
        if (status === 'orphaned') {
          const { data, message } = await orphanPage({ after, limit }, isFound, caller);
          return { data: { ...data, ...counts }, message };
        }
        const { rows, next } = await orUnavailable(() =>
          pageOf({
            ids: async () => (await index.list()).map(({ id }) => id),
            load: (ids) => records.getMany(ids),
            toRow: (record) => {
              const row = toListItem(record, { ...options.response, now });
              if (row === null || (status !== undefined && row.status !== status)) return null;
              return isFound({ id: row.cluster_id, name: row.name }) ? row : null;
            },
            maySee: (id) => maySeeCluster(caller, id),
            after: after ?? null,
            limit,
          }),
        );
        return { data: { dashboards: rows, next, ...counts }, message: `${rows.length} clusters` };
      },
    }),
  ];
}

type IsFound = (cluster: { id: string; name: string }) => boolean;

/** Which clusters have a text in their name or id; all without one. */
function search(text: string | undefined): IsFound {
  const wanted = text?.toLowerCase();
  return ({ id, name }) =>
    wanted === undefined ||
    id.toLowerCase().includes(wanted) ||
    name.toLowerCase().includes(wanted);
}

function readCursor({
  cursor,
  after,
}: {
  cursor?: string | undefined;
  after?: string | undefined;
}): ClusterId | undefined {
  const given = cursor ?? after;
  if (given === undefined) return undefined;
  const id = clusterIdSchema.safeParse(given);
  if (id.success) return id.data;
  throw ApiError.badRequest(
    cursor === undefined ? 'after' : 'cursor',
    'must be the `next` of a page',
  );
}
