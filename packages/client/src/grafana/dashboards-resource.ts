import { UpstreamError } from '../errors.js';
import { pathSegment } from '../http/url.js';
import { resourceSchema } from './schemas.js';
import type { Transport } from './transport.js';
import type { GrafanaClient } from './types.js';

export type Dashboards = Pick<GrafanaClient, 'getDashboard' | 'saveDashboard' | 'deleteDashboard'>;

/** Dashboards as resources. */
interface DashboardResources extends Dashboards {
  /** One dashboard as it is stored at a place, in the schema of that. */
  readAs(
    place: ResourcePlace,
    uid: string,
    signal?: AbortSignal,
  ): ReturnType<Dashboards['getDashboard']>;
}

/** The API group of dashboards, and its collection in an organisation. */
export const groupPath = '/apis/dashboard.grafana.app';
const collectionOf = ({ version, namespace }: ResourcePlace) =>
  `${groupPath}/${version}/namespaces/${namespace}/dashboards`;

/** How Grafana calls an organisation there: the one that it begins with has a name of its own. */
const namespaceOf = (orgId: number) => (orgId === 1 ? 'default' : `org-${orgId}`);
const folderKey = 'grafana.app/folder';

/** The version of the API, and the organisation, in which a dashboard can be read. */
export interface ResourcePlace {
  version: string;
  namespace: string;
}

const inWords = new RegExp(`${groupPath}/(v\\w+)/namespaces/([\\w-]+)/dashboards/`);

/**
 * Where a dashboard of the new schema can be read, of which `/api` says no more than that (406): Grafana
 * 12 and later store so what somebody edits with dynamic dashboards. Null for any other error.
 */
export function newSchemaPlace(error: unknown): ResourcePlace | null {
  if (!(error instanceof UpstreamError) || error.status !== 406) return null;
  const [, version, namespace] = inWords.exec(error.detail ?? '') ?? [];
  return version === undefined || namespace === undefined ? null : { version, namespace };
}

/**
 * Dashboards as resources, for a Grafana that no longer has `/api/dashboards`. Written from Grafana's
 * documentation and never tried on a real one: none we know of has taken `/api` away. A dashboard's
 * version is its `generation`.
 */
export function createDashboardResources(
  { ask, read, find }: Transport,
  orgId: number,
): DashboardResources {
  const collection = collectionOf({ version: 'v1', namespace: namespaceOf(orgId) });
  const pathOf = (uid: string) => `${collection}/${pathSegment(uid)}`;
  const readFrom = async (path: string, uid: string, signal?: AbortSignal) => {
    const stored = await find({ method: 'GET', path, signal }, resourceSchema);
    if (stored === null) return null;
    const { generation, annotations } = stored.metadata;
    const folderUid = annotations[folderKey] ?? '';
    return {
      dashboard: { ...stored.spec, uid, version: generation },
      meta: { folderUid, url: `/d/${uid}`, isFolder: false },
    };
  };
  return {
    getDashboard: (uid, signal) => readFrom(pathOf(uid), uid, signal),
    readAs: (place, uid, signal) =>
      readFrom(`${collectionOf(place)}/${pathSegment(uid)}`, uid, signal),
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
