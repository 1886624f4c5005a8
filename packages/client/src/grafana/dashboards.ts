import { UpstreamError } from '../errors.js';
import { pathSegment } from '../request.js';
import { dashboardSchema, savedSchema } from './schemas.js';
import type { Transport } from './transport.js';
import type { GrafanaClient } from './types.js';

type Dashboards = Pick<GrafanaClient, 'getDashboard' | 'saveDashboard' | 'deleteDashboard'>;

const dashboardPath = (uid: string) => `/api/dashboards/uid/${pathSegment(uid)}`;

export function createDashboards({ ask, read, find }: Transport): Dashboards {
  return {
    async getDashboard(uid, signal) {
      const path = dashboardPath(uid);
      const stored = await find({ method: 'GET', path, signal }, dashboardSchema);
      if (stored === null) return null;
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
      const [upstream, code, detail] = ['grafana', 'conflict', 'other-uid'] as const;
      throw new UpstreamError({ upstream, code, status: 200, detail });
    },
    async deleteDashboard(uid, signal) {
      return (await ask({ method: 'DELETE', path: dashboardPath(uid), signal })).found;
    },
  };
}
