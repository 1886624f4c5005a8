import { Router } from 'express';
import { z } from 'zod';
import { answerEmpty, bind, refuse, Refusal } from '../responses/errors.js';
import type { Caller } from '../auth.js';
import { rowUrl } from '../responses/dashboard.js';
import type { RouteContext } from '../context.js';
import { deleteRow, saveRow, type SaveFault } from '../save.js';
import { findFolder, NEVER, type Row } from '../store.js';

const createBody = z.object({ uid: z.string().default(''), title: z.string().default('') });
const updateBody = z.object({
  title: z.string().default(''),
  version: z.number().default(0),
  overwrite: z.boolean().default(false),
});

const unknownFolder = () => new Refusal(404, { message: 'folder not found', status: 'not-found' });
const nameExists = () =>
  refuse(409, 'a folder or dashboard in the general folder with the same name already exists');

const FAULTS: Record<SaveFault, () => Refusal> = {
  'empty-name': () => refuse(400, 'folder title cannot be empty'),
  'uid-characters': () => refuse(400, 'uid contains illegal characters', ''),
  'uid-length': () => refuse(400, 'uid too long, max 40 characters', ''),
  'not-found': unknownFolder,
  'same-uid': unknownFolder,
  'type-mismatch': () => refuse(400, 'Dashboard cannot be changed to a folder'),
  'version-mismatch': () =>
    new Refusal(412, {
      message: 'the folder has been changed by someone else',
      status: 'version-mismatch',
    }),
  'name-match': nameExists,
  'name-exists': nameExists,
};

/** `/api/folders`. */
export function folderRoutes({ store, auth, dialect }: RouteContext): Router {
  const router = Router();
  const rules = { uniqueTitles: dialect === '9.4' };

  const save = (
    by: Caller,
    data: Record<string, unknown>,
    { overwrite }: { overwrite: boolean },
  ): Row => {
    if (String(data['title']).trim().toLowerCase() === 'general')
      throw refuse(400, 'A folder with that name already exists', '');
    const saved = saveRow(
      store,
      { data, isFolder: true, folderId: 0, overwrite, message: '', by },
      rules,
    );
    if (typeof saved === 'string') throw FAULTS[saved]();
    return saved;
  };

  const find = (uid: string): Row => {
    const folder = findFolder(store, uid);
    if (folder === undefined) throw unknownFolder();
    return folder;
  };

  router.get('/api/folders', (_req, res) => {
    const folders = store.rows.filter((row) => row.isFolder);
    folders.sort((a, b) => a.title.localeCompare(b.title));
    res.json(folders.map(({ id, uid, title }) => ({ id, uid, title })));
  });

  router.post('/api/folders', (req, res) => {
    const caller = auth.require(req, 'Editor', 'folders:create');
    const { uid, title } = bind(req, createBody);
    res.json(folderAnswer(save(caller, { uid, title }, { overwrite: false }), caller));
  });

  if (dialect === '9.4') {
    router.get('/api/folders/id/:id', (req, res) => {
      const caller = auth.require(req, 'Viewer', 'folders:read');
      if (req.params.id === '0') {
        res.json(GENERAL);
        return;
      }
      const folder = store.rows.find((row) => row.isFolder && String(row.id) === req.params.id);
      if (folder === undefined) throw unknownFolder();
      res.json(folderAnswer(folder, caller));
    });
  }

  router.get('/api/folders/:uid', (req, res) => {
    const caller = auth.require(req, 'Viewer', 'folders:read');
    res.json(folderAnswer(find(req.params.uid), caller));
  });

  router.put('/api/folders/:uid', (req, res) => {
    const caller = auth.require(req, 'Editor', 'folders:write');
    const { title, version, overwrite } = bind(req, updateBody);
    const { id, uid } = find(req.params.uid);
    res.json(folderAnswer(save(caller, { id, uid, title, version }, { overwrite }), caller));
  });

  router.delete('/api/folders/:uid', (req, res) => {
    auth.require(req, 'Editor', 'folders:delete');
    deleteRow(store, find(req.params.uid));
    answerEmpty(res);
  });

  return router;
}

function folderAnswer(row: Row, caller: Caller) {
  // A service account has no rights of its own on the folder it has just made (recorded).
  const may = caller.kind === 'user' && caller.role !== 'Viewer';
  const { id, uid, title, createdBy, created, updatedBy, updated, version } = row;
  const rights = { hasAcl: false, canSave: may, canEdit: may, canAdmin: may, canDelete: may };
  const url = rowUrl(row);
  return { id, uid, title, url, ...rights, createdBy, created, updatedBy, updated, version };
}

const GENERAL = {
  id: 0,
  uid: '',
  title: 'General',
  url: '',
  hasAcl: false,
  canSave: false,
  canEdit: false,
  canAdmin: false,
  canDelete: false,
  createdBy: 'Anonymous',
  created: NEVER,
  updatedBy: 'Anonymous',
  updated: NEVER,
};
