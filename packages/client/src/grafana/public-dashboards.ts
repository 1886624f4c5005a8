import { UpstreamError } from '../errors.js';
import { pathSegment } from '../http/url.js';
import { publicDashboardListSchema, publicDashboardSchema } from './schemas.js';
import { parsed, type Transport } from './transport.js';
import type { GrafanaClient, PublicDashboard } from './types.js';

type PublicDashboards = Pick<
  GrafanaClient,
  | 'getPublicDashboard'
  | 'createPublicDashboard'
  | 'updatePublicDashboard'
  | 'deletePublicDashboard'
  | 'listPublicDashboards'
>;

const collectionPath = (dashboardUid: string) =>
  `/api/dashboards/uid/${pathSegment(dashboardUid)}/public-dashboards`;

const itemPath = (dashboardUid: string, publicDashboardUid: string) =>
  `${collectionPath(dashboardUid)}/${pathSegment(publicDashboardUid)}`;

/** Public dashboards ("externally shared" in newer versions), which only `/api` has. */
export function createPublicDashboards({ ask, read, find }: Transport): PublicDashboards {
  /** The verb this Grafana knows for a change: PUT up to 9.4, PATCH later. */
  let verb: 'PATCH' | 'PUT' = 'PATCH';

  const getPublicDashboard: PublicDashboards['getPublicDashboard'] = async (dashboardUid, signal) =>
    find({ method: 'GET', path: collectionPath(dashboardUid), signal }, publicDashboardSchema);

  const updatePublicDashboard: PublicDashboards['updatePublicDashboard'] = async (
    dashboardUid,
    publicDashboardUid,
    change,
    signal,
  ) => {
    const path = itemPath(dashboardUid, publicDashboardUid);
    for (const method of [verb, verb === 'PATCH' ? ('PUT' as const) : ('PATCH' as const)]) {
      const outcome = await ask({ method, path, json: change, signal });
      if (outcome.found) {
        verb = method;
        return parsed(outcome.response, publicDashboardSchema);
      }
      // A public dashboard that is missing says so; a verb that is missing has no message id.
      if (outcome.messageId !== '') throw notFound(outcome.messageId);
    }
    throw notFound('public dashboards are switched off, or the share does not exist');
  };

  async function create(
    dashboardUid: string,
    keep: Kept | null,
    signal?: AbortSignal,
  ): Promise<PublicDashboard> {
    const outcome = await ask({
      method: 'POST',
      path: collectionPath(dashboardUid),
      json: { isEnabled: true, share: 'public', ...keep },
      retry: false,
      signal,
    });
    if (outcome.found) return parsed(outcome.response, publicDashboardSchema);
    throw notFound(outcome.messageId || 'public dashboards are switched off');
  }

  return {
    getPublicDashboard,
    async createPublicDashboard(dashboardUid, keep = null, signal) {
      const kept = keep && { uid: keep.uid, accessToken: keep.accessToken };
      const enabled = async (publicDashboard: PublicDashboard) =>
        publicDashboard.isEnabled
          ? publicDashboard
          : updatePublicDashboard(dashboardUid, publicDashboard.uid, { isEnabled: true }, signal);
      const existing = await getPublicDashboard(dashboardUid, signal);
      if (existing !== null) return enabled(existing);
      try {
        return await create(dashboardUid, kept, signal);
      } catch (error) {
        // The uid or token is another's by now, or of a form that this Grafana does not take.
        if (kept !== null && isRefusal(error)) return create(dashboardUid, null, signal);
        // Old versions make a second link for a repeated POST, so one of uncertain outcome is looked up instead.
        if (!(error instanceof UpstreamError) || !isUncertain(error)) throw error;
        const made = await getPublicDashboard(dashboardUid, signal);
        if (made === null) throw error;
        return enabled(made);
      }
    },
    updatePublicDashboard,
    async deletePublicDashboard(dashboardUid, publicDashboardUid, signal) {
      const path = itemPath(dashboardUid, publicDashboardUid);
      return (await ask({ method: 'DELETE', path, signal })).found;
    },
    async listPublicDashboards(signal) {
      const publicDashboards = new Map<string, PublicDashboard>();
      for (let page = 1; ; page += 1) {
        const query = { page: String(page), perpage: '1000' };
        const path = '/api/dashboards/public-dashboards';
        const answer = await read(
          { method: 'GET', path, query, signal },
          publicDashboardListSchema,
        );
        const before = publicDashboards.size;
        for (const listed of answer.publicDashboards) publicDashboards.set(listed.uid, listed);
        // A server that ignores paging sends the same again: nothing new ends it too.
        if (publicDashboards.size >= answer.total || publicDashboards.size === before)
          return [...publicDashboards.values()];
      }
    },
  };
}

type Kept = Pick<PublicDashboard, 'uid' | 'accessToken'>;

const isRefusal = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.code === 'refused' || error.code === 'conflict') &&
  error.detail !== 'publicdashboards.dashboardIsPublic';

/** The POST may have taken effect, or was refused since the dashboard is public already. */
function isUncertain({ code, detail }: UpstreamError): boolean {
  if (detail === 'publicdashboards.dashboardIsPublic') return true;
  return code === 'unreachable' || code === 'timeout' || code === 'bad_answer';
}

function notFound(detail: string): UpstreamError {
  return new UpstreamError({ upstream: 'grafana', code: 'not_found', status: 404, detail });
}
