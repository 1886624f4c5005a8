import { UpstreamError } from '../errors.js';
import { pathSegment } from '../request.js';
import { shareListSchema, shareSchema } from './schemas.js';
import { parsed, type Transport } from './transport.js';
import type { GrafanaClient, Share } from './types.js';

type Shares = Pick<
  GrafanaClient,
  'getShare' | 'createShare' | 'updateShare' | 'deleteShare' | 'listShares'
>;

const sharesPath = (dashboardUid: string) =>
  `/api/dashboards/uid/${pathSegment(dashboardUid)}/public-dashboards`;

const sharePath = (dashboardUid: string, shareUid: string) =>
  `${sharesPath(dashboardUid)}/${pathSegment(shareUid)}`;

/** Public dashboards ("externally shared" in newer versions), which only `/api` has. */
export function createShares({ ask, read, find }: Transport): Shares {
  /** The verb this Grafana knows for a change: PUT up to 9.4, PATCH later. */
  let verb: 'PATCH' | 'PUT' = 'PATCH';

  const getShare: Shares['getShare'] = async (dashboardUid, signal) =>
    find({ method: 'GET', path: sharesPath(dashboardUid), signal }, shareSchema);

  const updateShare: Shares['updateShare'] = async (dashboardUid, shareUid, change, signal) => {
    const path = sharePath(dashboardUid, shareUid);
    for (const method of [verb, verb === 'PATCH' ? ('PUT' as const) : ('PATCH' as const)]) {
      const outcome = await ask({ method, path, json: change, signal });
      if (outcome.found) {
        verb = method;
        return parsed(outcome.response, shareSchema);
      }
      // A share that is missing says so; a verb that is missing has no message id.
      if (outcome.messageId !== '') throw notFound(outcome.messageId);
    }
    throw notFound('public dashboards are switched off, or the share does not exist');
  };

  async function create(dashboardUid: string, signal?: AbortSignal): Promise<Share> {
    const outcome = await ask({
      method: 'POST',
      path: sharesPath(dashboardUid),
      json: { isEnabled: true, share: 'public' },
      retry: false,
      signal,
    });
    if (outcome.found) return parsed(outcome.response, shareSchema);
    throw notFound(outcome.messageId || 'public dashboards are switched off');
  }

  return {
    getShare,
    async createShare(dashboardUid, signal) {
      const enabled = async (share: Share) =>
        share.isEnabled ? share : updateShare(dashboardUid, share.uid, { isEnabled: true }, signal);
      const existing = await getShare(dashboardUid, signal);
      if (existing !== null) return enabled(existing);
      try {
        return await create(dashboardUid, signal);
      } catch (error) {
        // Old versions make a second link for a repeated POST, so a doubtful one is looked at instead.
        if (!(error instanceof UpstreamError) || !isDoubtful(error)) throw error;
        const made = await getShare(dashboardUid, signal);
        if (made === null) throw error;
        return enabled(made);
      }
    },
    updateShare,
    async deleteShare(dashboardUid, shareUid, signal) {
      const path = sharePath(dashboardUid, shareUid);
      return (await ask({ method: 'DELETE', path, signal })).found;
    },
    async listShares(signal) {
      const shares = new Map<string, Share>();
      for (let page = 1; ; page += 1) {
        const query = { page: String(page), perpage: '1000' };
        const path = '/api/dashboards/public-dashboards';
        const answer = await read({ method: 'GET', path, query, signal }, shareListSchema);
        const before = shares.size;
        for (const share of answer.shares) shares.set(share.uid, share);
        // A server that ignores paging sends the same again: nothing new ends it too.
        if (shares.size >= answer.total || shares.size === before) return [...shares.values()];
      }
    },
  };
}

/** The POST may have gone through, or was refused since the dashboard is public already. */
function isDoubtful({ code, detail }: UpstreamError): boolean {
  if (detail === 'publicdashboards.dashboardIsPublic') return true;
  return code === 'unreachable' || code === 'timeout' || code === 'bad_answer';
}

function notFound(detail: string): UpstreamError {
  return new UpstreamError({ upstream: 'grafana', code: 'not_found', status: 404, detail });
}
