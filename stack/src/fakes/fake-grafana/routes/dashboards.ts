import { Router, type Request } from 'express';
import { z } from 'zod';
import { bind, refuse, Refusal } from '../responses/errors.js';
import type { Auth, Caller } from '../auth.js';
import { dashboardAnswer, folderOf, importAnswer, rowUrl } from '../responses/dashboard.js';
import { fillInputs, importInputs } from '../import-inputs.js';
import type { RouteContext } from '../context.js';
import { isOfNewSchema, newSchemaPath } from './dashboard-resources.js';
import { deleteRow, saveRow, type SaveFault, type SaveRequest } from '../save.js';
import { findFolder, type JsonObject, type Row, type RowVersion, type Store } from '../store.js';

const target = {
  folderUid: z.string().default(''),
  folderId: z.number().default(0),
  overwrite: z.boolean().default(false),
};
const saveBody = z.object({
  dashboard: z.unknown().refine((value) => value !== undefined && value !== null),
  message: z.string().default(''),
  ...target,
});
const importBody = z.object({ dashboard: z.unknown().optional(), inputs: importInputs, ...target });
const restoreBody = z.object({ version: z.number() });

const FAULTS: Record<SaveFault, [status: number, message: string, code?: string]> = {
  'empty-name': [400, 'Dashboard title cannot be empty', 'empty-name'],
  'uid-characters': [400, 'uid contains illegal characters'],
  'uid-length': [400, 'uid too long, max 40 characters'],
  'not-found': [404, 'Dashboard not found', 'not-found'],
  'same-uid': [400, 'A dashboard with the same uid already exists'],
  'type-mismatch': [400, 'Dashboard cannot be changed to a folder'],
  'version-mismatch': [412, 'The dashboard has been changed by someone else', 'version-mismatch'],
  'name-match': [400, 'Dashboard name cannot be the same as folder', 'name-match'],
  'name-exists': [
    412,
    'A dashboard with the same name in the folder already exists',
    'name-exists',
  ],
};

/** Reading, saving, importing, restoring and deleting dashboards. */
export function dashboardRoutes({ store, auth, dialect }: RouteContext): Router {
  const router = Router();

  const save = (request: Omit<SaveRequest, 'isFolder' | 'data'>, dashboard: unknown): Row => {
    const data = asObject(dashboard);
    const rules = { uniqueTitles: dialect === '9.4' };
    const saved = saveRow(store, { ...request, data, isFolder: false }, rules);
    if (typeof saved !== 'string') return saved;
    const [status, message, code] = FAULTS[saved];
    throw new Refusal(status, code === undefined ? { message } : { message, status: code });
  };

  const saveAnswer = (row: Row) => ({
    id: row.id,
    slug: row.slug,
    status: 'success',
    uid: row.uid,
    url: rowUrl(row),
    version: row.version,
    ...(dialect === 'later' ? { folderUid: folderOf(store, row)?.uid ?? '' } : {}),
  });

  router.post('/api/dashboards/db', (req, res) => {
    const by = requireEditor(auth, req, 'any of dashboards:create, dashboards:write');
    const { dashboard, folderUid, folderId, overwrite, message } = bind(req, saveBody);
    const folder = pickFolder(store, folderUid, folderId, {
      uid: () => refuse(400, 'Folder not found', ''),
      id: () => refuse(404, 'Folder not found', ''),
    });
    res.json(saveAnswer(save({ folderId: folder, overwrite, message, by }, dashboard)));
  });

  router.post('/api/dashboards/import', (req, res) => {
    const by = requireEditor(auth, req, 'dashboards:create');
    const { dashboard, inputs, folderUid, folderId, overwrite } = bind(req, importBody);
    if (dashboard === undefined || dashboard === null) throw refuse(422, 'Dashboard must be set');
    const unknown = () => refuse(400, 'folder not found');
    // Without a folder an existing dashboard moves to General.
    const folder = pickFolder(store, folderUid, folderId, { uid: unknown, id: unknown });
    const filled = fillInputs(asObject(dashboard), inputs);
    if (filled === null) throw refuse(500, 'Failed to save dashboard', '');
    res.json(importAnswer(store, save({ folderId: folder, overwrite, message: '', by }, filled)));
  });

  const find = (uid: string): Row => {
    const row = store.rowOf(uid);
    if (row === undefined) throw refuse(404, 'Dashboard not found', '');
    return row;
  };

  router.get('/api/dashboards/uid/:uid', (req, res) => {
    const caller = auth.require(req, 'Viewer', 'dashboards:read');
    const row = find(req.params.uid);
    if (isOfNewSchema(row)) {
      const path = newSchemaPath(row.uid);
      throw refuse(406, `dashboard api version not supported, use ${path} instead`);
    }
    res.json(dashboardAnswer(store, row, caller));
  });

  router.delete('/api/dashboards/uid/:uid', (req, res) => {
    requireEditor(auth, req, 'dashboards:delete');
    const row = find(req.params.uid);
    deleteRow(store, row);
    res.json({ id: row.id, message: `Dashboard ${row.title} deleted`, title: row.title });
  });

  router.get('/api/dashboards/uid/:uid/versions', (req, res) => {
    requireEditor(auth, req, 'dashboards:write');
    const { id, history } = find(req.params.uid);
    const list = history.map((entry) => {
      const message = entry.version === 1 ? 'Initial save' : entry.message;
      return { ...entry, message, dashboardId: id, dashboardUid: '' };
    });
    res.json(list);
  });

  router.get('/api/dashboards/uid/:uid/versions/:version', (req, res) => {
    requireEditor(auth, req, 'dashboards:write');
    const row = find(req.params.uid);
    const entry = findVersion(row, Number(req.params.version));
    const data = { ...entry.data, id: row.id };
    res.json({ ...entry, data, dashboardId: row.id, uid: row.uid, createdBy: row.createdBy });
  });

  const restore = (row: Row, version: number, by: Caller): Row => {
    const data = { ...findVersion(row, version).data, id: row.id, version: row.version };
    const message = `Restored from version ${version}`;
    const { folderId } = row;
    return save({ folderId, overwrite: true, message, by, restoredFrom: version }, data);
  };

  router.post('/api/dashboards/uid/:uid/restore', (req, res) => {
    const by = requireEditor(auth, req, 'dashboards:write');
    const { version } = bind(req, restoreBody);
    // 9.4 looks the version up by a numeric id that is not there.
    if (dialect === '9.4') throw refuse(404, 'Dashboard version not found');
    res.json(saveAnswer(restore(find(req.params.uid), version, by)));
  });

  if (dialect === '9.4') {
    router.post('/api/dashboards/id/:id/restore', (req, res) => {
      const by = requireEditor(auth, req, 'dashboards:write');
      const { version } = bind(req, restoreBody);
      const row = store.rows.find(({ id }) => String(id) === req.params.id);
      if (row === undefined) throw refuse(404, 'Dashboard not found', '');
      res.json(saveAnswer(restore(row, version, by)));
    });
  }

  return router;
}

const requireEditor = (auth: Auth, req: Request, permission: string): Caller =>
  auth.require(req, 'Editor', permission);

const asObject = (value: unknown): JsonObject =>
  value !== null && typeof value === 'object' ? (value as JsonObject) : {};

/** The numeric id of the folder meant, 0 for General; throws the refusal that fits how it was named. */
function pickFolder(
  store: Store,
  uid: string,
  id: number,
  unknown: { uid: () => Refusal; id: () => Refusal },
): number {
  if (uid === '' && id === 0) return 0;
  const folder =
    uid === '' ? store.rows.find((row) => row.isFolder && row.id === id) : findFolder(store, uid);
  if (folder === undefined) throw uid === '' ? unknown.id() : unknown.uid();
  return folder.id;
}

function findVersion(row: Row, version: number): RowVersion {
  const entry = row.history.find((other) => other.version === version);
  if (entry === undefined) throw refuse(404, 'Dashboard version not found');
  return entry;
}
