import { UpstreamError } from '../errors.js';
import { pathSegment } from '../http/url.js';
import { resourceSchema } from './schemas.js';
import type { Transport } from './transport.js';
import type { GrafanaClient } from './types.js';

export type Dashboards = Pick<GrafanaClient, 'getDashboard' | 'saveDashboard' | 'deleteDashboard'>;

/** The API group of dashboards, and its collection in the organisation that Grafana begins with. */
export const groupPath = '/apis/dashboard.grafana.app';
const collection = `${groupPath}/v1/namespaces/default/dashboards`;
const pathOf = (uid: string) => `${collection}/${pathSegment(uid)}`;
const folderKey = 'grafana.app/folder';

/**
 * Dashboards as resources, for a Grafana that no longer has `/api/dashboards`. Written from Grafana's
 * documentation and never tried on a real one: none we know of has taken `/api` away. A dashboard's
 * version is its `generation`.
 */
export function createDashboardResources({ ask, read, find }: Transport): Dashboards {
  return {
    async getDashboard(uid, signal) {
      const stored = await find({ method: 'GET', path: pathOf(uid), signal }, resourceSchema);
      if (stored === null) return null;
      const { generation, annotations } = stored.metadata;
      const folderUid = annotations[folderKey] ?? '';
      return {
        dashboard: { ...stored.spec, uid, version: generation },
        meta: { folderUid, url: `/d/${uid}`, isFolder: false },
      };
    },
    async saveDashboard({ dashboard, folderUid, message, signal }) {
      const { uid, version, ...spec } = dashboard;
      const isNew = version === undefined;
      const path = isNew ? collection : pathOf(uid);
      const metadata: Record<string, unknown> = {
        name: uid,
        annotations: {
          'grafana.app/message': message,
          ...(folderUid !== undefined && { [folderKey]: folderUid }),
        },
      };
      if (!isNew) {
        const current = await find({ method: 'GET', path, signal }, resourceSchema);
        if (current?.metadata.generation !== version) throw mismatch();
        metadata['resourceVersion'] = current.metadata.resourceVersion;
      }
      const json = { metadata, spec };
      const method = isNew ? 'POST' : 'PUT';
      try {
        const saved = await read({ method, path, json, signal }, resourceSchema);
        const { name, generation } = saved.metadata;
        if (name !== uid) throw conflict('other-uid');
        return { uid, version: generation, url: `/d/${uid}` };
      } catch (error) {
        // Somebody made or saved it in between, or an earlier try of ours went through.
        if (error instanceof UpstreamError && error.status === 409) throw mismatch();
        throw error;
      }
    },
    async deleteDashboard(uid, signal) {
      return (await ask({ method: 'DELETE', path: pathOf(uid), signal })).found;
    },
  };
}

/** The error of a write that Grafana did not do, or did to another dashboard. */
export function conflict(detail: string): UpstreamError {
  return new UpstreamError({ upstream: 'grafana', code: 'conflict', detail });
}

const mismatch = () => conflict('version-mismatch');
