import { pathSegment } from '../http/url.js';
import {
  conflict,
  createDashboardResources,
  groupPath,
  newSchemaPlace,
  type Dashboards,
} from './dashboards-resource.js';
import { dashboardSchema, savedSchema } from './schemas.js';
import { parsed, type Transport } from './transport.js';

const dashboardPath = (uid: string) => `/api/dashboards/uid/${pathSegment(uid)}`;

/** What Grafana's router says where it has no such route; of a dashboard it says more. */
const isNoRoute = (message: string) => /^not found$/i.test(message);

/** Dashboards by `/api`; by the resource API only where `/api` has none of them any more. */
export function createDashboards(transport: Transport, orgId = 1): Dashboards {
  const { ask, read } = transport;
  const resources = createDashboardResources(transport, orgId);
  let known: Dashboards | null = null;
  const current = () => known ?? legacy;

  const legacy: Dashboards = {
    async getDashboard(uid, signal) {
      const call = { method: 'GET', path: dashboardPath(uid), signal } as const;
      const outcome = await ask(call).catch((error: unknown) => {
        const place = newSchemaPlace(error);
        if (place === null) throw error;
        return place;
      });
      if ('namespace' in outcome) return resources.readAs(outcome, uid, signal);
      if (!outcome.found) {
        if (!isNoRoute(outcome.message)) return null;
        const group = { method: 'GET', path: groupPath, probe: true, signal } as const;
        if (!(await ask(group)).found) return null;
        known = resources;
        return resources.getDashboard(uid, signal);
      }
      const stored = parsed(outcome.response, dashboardSchema);
      const { folderUid, url, isFolder } = stored.meta;
      const meta = { folderUid: folderUid ?? '', url, isFolder: isFolder ?? false };
      return { dashboard: stored.dashboard, meta };
    },
    async saveDashboard({ dashboard, folderUid, message, signal }) {
      // Safe to repeat: a try that went through unheard makes the next one a version-mismatch.
      const saved = await read(
        {
          method: 'POST',
          path: '/api/dashboards/db',
          // The numeric id is this Grafana's own; the uid alone says which dashboard it is.
          json: { dashboard: { ...dashboard, id: null }, folderUid, message, overwrite: false },
          signal,
        },
        savedSchema,
      );
      if (saved.uid === dashboard.uid) return saved;
      // Grafana can take a dashboard of the same title for the one we mean.
      throw conflict('other-uid');
    },
    async deleteDashboard(uid, signal) {
      return (await ask({ method: 'DELETE', path: dashboardPath(uid), signal })).found;
    },
  };
  // Every write follows a read, so the read alone finds out what this Grafana speaks.
  return {
    getDashboard: (uid, signal) => current().getDashboard(uid, signal),
    saveDashboard: (request) => current().saveDashboard(request),
    deleteDashboard: (uid, signal) => current().deleteDashboard(uid, signal),
  };
}
