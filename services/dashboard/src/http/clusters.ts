import { grafanaDashboardSchema, sharingSchema, type ClusterId } from '@bud-monitoring/contracts';
import { ApiError, defineRoute, type Route, type RouteAnswer } from '@bud-monitoring/service-kit';
import type { GrafanaDashboard } from '@bud-monitoring/contracts';
import type { Intake } from '../domain/state/desired-state.js';
import type { ClusterRecord } from '../domain/state/record.js';
import type { Records } from '../domain/state/records.js';
import type { Request } from '../domain/state/transitions.js';
import type { Scheduler } from '../domain/queue/scheduler.js';
import type { Clock, Timers } from '../ports.js';
import { presentCluster, type PresentOptions } from './responses.js';
import { orUnavailable } from './store-down.js';

export interface ClusterRoutesOptions {
  records: Records;
  intake: Intake;
  scheduler: Scheduler;
  clock: Clock;
  timers: Timers;
  present: Omit<PresentOptions, 'now'>;
}

/** How long an answer waits for the work it asked for before it says `pending`. */
const patienceMs = 5_000;

const path = '/clusters/{cluster_id}/grafana-dashboard';
const shared = {
  object: 'cluster.grafana-dashboard',
  data: grafanaDashboardSchema,
  statuses: [200, 202, 404],
} as const;

/** The dashboards of one cluster. */
export function clusterRoutes(options: ClusterRoutesOptions): Route[] {
  const { records, intake, scheduler, clock, timers } = options;

  function answer(record: ClusterRecord | null): RouteAnswer<GrafanaDashboard> {
    const data =
      record === null ? null : presentCluster(record, { ...options.present, now: clock.now() });
    if (data === null) throw ApiError.notFound('Cluster not found');
    return { data, message: messages[data.status], status: data.status === 'pending' ? 202 : 200 };
  }

  /** Writes a request down, then waits a moment for the worker. */
  async function ask(
    clusterId: ClusterId,
    request: Request,
  ): Promise<RouteAnswer<GrafanaDashboard>> {
    const taken = await orUnavailable(() => intake.request(clusterId, request));
    if (taken === null) throw ApiError.notFound('Cluster not found');
    scheduler.wake(clusterId, { look: true, force: true });
    await orPatience(scheduler.ended(clusterId));
    return answer((await orUnavailable(() => records.get(clusterId)))?.record ?? null);
  }

  async function orPatience(work: Promise<void>): Promise<void> {
    const timer: { cancel?: () => void } = {};
    const late = new Promise<void>((resolve) => {
      timer.cancel = timers.after(patienceMs, resolve);
    });
    await Promise.race([work, late]);
    timer.cancel?.();
  }

  return [
    defineRoute({
      ...shared,
      method: 'get',
      path,
      permission: 'cluster:view',
      summary: 'The public link of the cluster’s dashboard, and where its dashboards stand',
      handler: async ({ params }) =>
        answer((await orUnavailable(() => records.get(params.cluster_id)))?.record ?? null),
    }),
    defineRoute({
      ...shared,
      method: 'post',
      path,
      permission: 'cluster:manage',
      summary: 'Provision the dashboards again',
      handler: ({ params }) => ask(params.cluster_id, { kind: 'provision' }),
    }),
    defineRoute({
      ...shared,
      method: 'delete',
      path,
      permission: 'cluster:manage',
      summary: 'Remove the dashboards and their link until they are provisioned again',
      handler: ({ params }) => ask(params.cluster_id, { kind: 'remove' }),
    }),
    defineRoute({
      ...shared,
      method: 'post',
      path: `${path}/rotate-link`,
      permission: 'cluster:manage',
      summary: 'Make a new public link; the old one ends',
      handler: ({ params }) => ask(params.cluster_id, { kind: 'rotate' }),
    }),
    defineRoute({
      ...shared,
      method: 'put',
      path: `${path}/sharing`,
      permission: 'cluster:manage',
      summary: 'Switch the public link on or off, or let it end at a time',
      body: sharingSchema,
      handler: ({ params, body }) => {
        const { enabled, expires_at: expires } = body;
        const expiresAt = expires === null || expires === undefined ? null : Date.parse(expires);
        if (expiresAt !== null && expiresAt <= clock.now())
          throw ApiError.badRequest('expires_at', 'must lie ahead');
        return ask(params.cluster_id, { kind: 'share', enabled, expiresAt });
      },
    }),
  ];
}

const messages = {
  ready: 'The dashboards are there',
  pending: 'The dashboards are being worked on',
  failed: 'The dashboards cannot be provisioned until what last_error names is mended',
  disabled: 'The dashboards have no public link, as was asked for',
} as const;
