import type { Caller } from '../auth.js';
import { NEVER, type JsonObject, type PublicDashboard, type Row, type Store } from '../store.js';

/** Path of a dashboard or a folder on this Grafana. */
export const rowUrl = ({ isFolder, uid, slug }: Row): string =>
  isFolder ? `/dashboards/f/${uid}/${slug}` : `/d/${uid}/${slug}`;

/** The folder a row lies in, or undefined for General. */
export const folderOf = (store: Store, row: Row): Row | undefined =>
  row.folderId === 0 ? undefined : store.rows.find(({ id }) => id === row.folderId);

/** `GET /api/dashboards/uid/:uid`: what was stored, and what Grafana adds about it. */
export function dashboardAnswer(store: Store, row: Row, caller: Caller) {
  const may = caller.role !== 'Viewer';
  const rights = { canAdd: may, canEdit: may, canDelete: may };
  const folder = folderOf(store, row);
  const publicDashboard = store.publicDashboards.find(
    ({ dashboardUid }) => dashboardUid === row.uid,
  );
  const { slug, created, updated, createdBy, updatedBy, version, isFolder, folderId } = row;
  return {
    meta: {
      type: 'db',
      canSave: may,
      canEdit: may,
      canAdmin: may,
      canStar: true,
      canDelete: may,
      slug,
      url: rowUrl(row),
      expires: NEVER,
      created,
      updated,
      updatedBy,
      createdBy,
      version,
      hasAcl: false,
      isFolder,
      folderId,
      folderUid: folder?.uid ?? '',
      folderTitle: folder?.title ?? 'General',
      folderUrl: folder === undefined ? '' : rowUrl(folder),
      provisioned: false,
      provisionedExternalId: '',
      annotationsPermissions: { dashboard: rights, organization: rights },
      publicDashboardAccessToken: '',
      publicDashboardUid: '',
      hasPublicDashboard: publicDashboard !== undefined,
      publicDashboardEnabled: publicDashboard?.isEnabled ?? false,
    },
    dashboard: isFolder ? { ...row.data, schemaVersion: 17 } : row.data,
  };
}

/** `GET /api/public/dashboards/:token`: the same for a reader without an account, who learns less. */
export function publicAnswer(
  row: Row,
  publicDashboard: PublicDashboard,
  { queries }: { queries: boolean },
) {
  const { slug, created, updated, version, folderId } = row;
  return {
    meta: {
      type: 'db',
      canSave: false,
      canEdit: false,
      canAdmin: false,
      canStar: false,
      canDelete: false,
      slug,
      url: '',
      expires: NEVER,
      created,
      updated,
      version,
      updatedBy: '',
      createdBy: '',
      hasAcl: false,
      isFolder: false,
      folderId,
      folderUid: '',
      folderTitle: '',
      folderUrl: '',
      provisioned: false,
      provisionedExternalId: '',
      annotationsPermissions: null,
      hasPublicDashboard: false,
      publicDashboardEnabled: false,
      publicDashboardUid: '',
      publicDashboardAccessToken: publicDashboard.accessToken,
    },
    dashboard: queries ? row.data : withoutQueries(row.data),
  };
}

/** The answer of an import, with the fields of the plugin importer it shares its type with. */
export function importAnswer(store: Store, row: Row) {
  const { uid, title, slug, id: dashboardId, folderId } = row;
  return {
    uid,
    pluginId: '',
    title,
    imported: true,
    importedUri: `db/${slug}`,
    slug,
    dashboardId,
    importedUrl: rowUrl(row),
    folderId,
    folderUid: folderOf(store, row)?.uid ?? '',
    importedRevision: 1,
    revision: 1,
    description: '',
    path: '',
    removed: false,
  };
}

export interface Target extends JsonObject {
  refId?: string;
  expr?: string;
  instant?: boolean;
  range?: boolean;
  datasource?: { uid?: string } | undefined;
}

interface Panel extends JsonObject {
  id?: number;
  type?: string;
  title?: string;
  panels?: Panel[];
  targets?: Target[];
  datasource?: { uid?: string };
}

/** The panels of a dashboard, those within collapsed rows included. */
export function panelsOf(dashboard: JsonObject): Panel[] {
  const panels = Array.isArray(dashboard['panels']) ? (dashboard['panels'] as Panel[]) : [];
  return panels.flatMap((panel) => [panel, ...panelsOf(panel)]);
}

const QUERY_FIELDS = new Set(['expr', 'query', 'rawSql']);

function withoutQueries(dashboard: JsonObject): JsonObject {
  const copy = structuredClone(dashboard);
  const hide = (target: Target): Target =>
    Object.fromEntries(Object.entries(target).filter(([key]) => !QUERY_FIELDS.has(key)));
  for (const panel of panelsOf(copy)) if (panel.targets) panel.targets = panel.targets.map(hide);
  return copy;
}
