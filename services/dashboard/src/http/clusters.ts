import { dashboardApi, type ClusterId, type GrafanaDashboard } from '@bud-monitoring/contracts';
import { ApiError, defineRoute, type Route, type RouteAnswer } from '@bud-monitoring/service-kit';
import type { CredentialsPause } from '../domain/grafana/credentials-pause.js';
import { Failure } from '../domain/grafana/failure.js';
import type { LinkCheck } from '../domain/reconcile/link-check.js';
import type { Orphans } from '../domain/orphans.js';
import type { WorkQueue } from '../domain/queue/work-queue.js';
import type { DesiredStateWriter } from '../domain/state/desired-state-writer.js';
import { UnreadableRecord, type Records } from '../domain/state/record-store.js';
import type { DesiredStateRequest } from '../domain/state/transitions.js';
import type { Clock, Timers } from '../ports.js';
import {
  toClusterResponse,
  toGoneResponse,
  toUnreadableResponse,
  type ResponseOptions,
} from './responses.js';
import { orUnavailable } from './store-down.js';

/** What the cluster routes work with. */
export interface ClusterRoutesOptions {
  records: Records;
  desiredState: DesiredStateWriter;
  workQueue: WorkQueue;
  credentialsPause: CredentialsPause;
  orphans: Orphans;
  linkCheck: LinkCheck;
  clock: Clock;
  timers: Timers;
  response: Omit<ResponseOptions, 'now'>;
}

/** How long a response waits for the reconcile before it says `pending`. */
const maxWaitMs = 5_000;

const statuses = [200, 202, 404, 409];

/** The dashboards of one cluster. */
export function clusterRoutes(options: ClusterRoutesOptions): Route[] {
  const { records, desiredState, workQueue, orphans, credentialsPause, clock, timers } = options;

  type Stored = Awaited<ReturnType<Records['getMany']>>[number];
  async function find(clusterId: ClusterId): Promise<Stored> {
    const [record] = await orUnavailable(() => records.getMany([clusterId]));
    if (record === undefined) throw ApiError.notFound('Cluster not found');
    return record;
  }

  /** The record as it stands now, or why it cannot be read. */
  function describe(record: Stored): GrafanaDashboard {
    if (record instanceof UnreadableRecord) return toUnreadableResponse(record);
    const data = toClusterResponse(record, { ...options.response, now: clock.now() });
    if (data === null) throw ApiError.notFound('Cluster not found');
    return data;
  }

  const respond = async (clusterId: ClusterId) => toAnswer(describe(await find(clusterId)));

  /** What is told of the link still holds. */
  const isTrue = async (record: Stored) =>
    record instanceof UnreadableRecord ||
    describe(record).url === null ||
    (await options.linkCheck(record));

  /** The same; a link that Grafana has no more is made again first. */
  async function look(clusterId: ClusterId): Promise<RouteAnswer<GrafanaDashboard>> {
    const record = await find(clusterId);
    if (await isTrue(record)) return toAnswer(describe(record));
    workQueue.enqueue(clusterId, { observe: true });
    await waitFor(workQueue.finished(clusterId));
    const after = await find(clusterId);
    const data = describe(after);
    return toAnswer((await isTrue(after)) ? data : { ...data, status: 'pending', url: null });
  }

  /** Writes the desired state, then waits for the reconcile. */
  async function submit(
    clusterId: ClusterId,
    request: DesiredStateRequest,
    { ignorePause = false } = {},
  ): Promise<RouteAnswer<GrafanaDashboard>> {
    const written = await orUnavailable(() => desiredState.handleRequest(clusterId, request)).catch(
      (error: unknown) => {
        if (error instanceof UnreadableRecord) throw ApiError.conflict(error.message);
        throw error;
      },
    );
    const orphaned = written === null && (await adoptOrRemove(clusterId, request));
    if (written === null && !orphaned) throw ApiError.notFound('Cluster not found');
    workQueue.enqueue(clusterId, { observe: true, force: true, ignorePause });
    await waitFor(workQueue.finished(clusterId));
    return orphaned && request.kind === 'remove' ? removedOrphan(clusterId) : respond(clusterId);
  }

  /** Dashboards of ours of a cluster that is not known are adopted or removed on command. */
  function adoptOrRemove(clusterId: ClusterId, { kind }: DesiredStateRequest): Promise<boolean> {
    if (kind !== 'provision' && kind !== 'remove') return Promise.resolve(false);
    return orUnavailable(() =>
      kind === 'provision' ? orphans.adopt(clusterId) : orphans.remove(clusterId),
    );
  }

  /** What is left to remove, or that nothing is. */
  async function removedOrphan(clusterId: ClusterId): Promise<RouteAnswer<GrafanaDashboard>> {
    const remaining = await respond(clusterId).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    });
    const data = toGoneResponse(clusterId);
    return remaining ?? { data, message: 'The orphaned dashboards were removed' };
  }

  /** A link that cannot be replaced now is not given up either. */
  async function refuseDuringPause(): Promise<void> {
    try {
      await orUnavailable(() => credentialsPause.check());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const retryAfterSeconds = Math.ceil((error.retryAfterMs ?? 0) / 1_000);
      throw ApiError.unavailable(`Nothing was changed. ${error.message}`, retryAfterSeconds, error);
    }
  }

  async function waitFor(reconcile: Promise<void>): Promise<void> {
    const timer: { cancel?: () => void } = {};
    const timeout = new Promise<void>((resolve) => {
      timer.cancel = timers.after(maxWaitMs, resolve);
    });
    await Promise.race([reconcile, timeout]);
    timer.cancel?.();
  }

  return [
    defineRoute({
      ...dashboardApi.getGrafanaDashboard,
      statuses,
      permission: 'cluster:view',
      summary: 'The public link of the cluster’s dashboard, and where its dashboards stand',
      handler: ({ params }) => look(params.cluster_id),
    }),
    defineRoute({
      ...dashboardApi.provisionGrafanaDashboard,
      statuses,
      permission: 'cluster:manage',
      summary: 'Provision the dashboards again',
      handler: ({ params, query }) => {
        const ignorePause = query.force === 'true' && credentialsPause.mayTryOnce();
        return submit(params.cluster_id, { kind: 'provision' }, { ignorePause });
      },
    }),
    defineRoute({
      ...dashboardApi.removeGrafanaDashboard,
      statuses,
      permission: 'cluster:manage',
      summary: 'Remove the dashboards and their link until they are provisioned again',
      handler: ({ params }) => submit(params.cluster_id, { kind: 'remove' }),
    }),
    defineRoute({
      ...dashboardApi.rotateLink,
      statuses,
      permission: 'cluster:manage',
      summary: 'Make a new public link; the old one ends',
      handler: async ({ params }) => {
        await refuseDuringPause();
        return submit(params.cluster_id, { kind: 'rotate' });
      },
    }),
    defineRoute({
      ...dashboardApi.putSharing,
      statuses,
      permission: 'cluster:manage',
      summary: 'Switch the public link on or off, or let it end at a time',
      handler: ({ params, body }) => {
        const { enabled, expires_at: expires } = body;
        const expiresAt = expires === null || expires === undefined ? null : msOf(expires);
        if (expiresAt !== null && expiresAt <= clock.now())
          throw ApiError.badRequest('expires_at', 'must lie ahead');
        return submit(params.cluster_id, { kind: 'share', enabled, expiresAt });
      },
    }),
  ];
}

/** Unix seconds or ISO 8601 as ms. */
function msOf(time: string | number): number {
  return typeof time === 'number' ? Math.round(time * 1000) : Date.parse(time);
}

function toAnswer(data: GrafanaDashboard): RouteAnswer<GrafanaDashboard> {
  return { data, message: messages[data.status], status: data.status === 'pending' ? 202 : 200 };
}

const messages = {
  ready: 'The dashboards are there',
  pending: 'The dashboards are being worked on',
  failed: 'The dashboards cannot be provisioned until what last_error names is mended',
  disabled: 'The dashboards have no public link, as was asked for',
  deleting: 'The cluster is deleted; its dashboards and their link are still to be removed',
  orphaned: 'The dashboards are of a cluster that is not known',
  unreadable: 'The stored record of the cluster cannot be read; see last_error',
} as const;
