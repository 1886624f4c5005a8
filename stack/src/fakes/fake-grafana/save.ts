import type { Caller } from './auth.js';
import { shortUid, slugify, sorted, type JsonObject, type Row, type Store } from './store.js';

/** Why a dashboard or a folder was not saved. */
export type SaveFault =
  | 'empty-name'
  | 'uid-characters'
  | 'uid-length'
  | 'not-found'
  | 'same-uid'
  | 'type-mismatch'
  | 'version-mismatch'
  | 'name-match'
  | 'name-exists';

export interface SaveRequest {
  data: JsonObject;
  isFolder: boolean;
  folderId: number;
  overwrite: boolean;
  message: string;
  restoredFrom?: number;
  by: Caller;
}

const MIN_REFRESH_SECONDS = 5;
const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Saves as Grafana does, in its order of checks: title, uid, id, kind, version, then title within the
 * folder. With `overwrite` a row of the same title is taken over, and the uid that was sent is lost.
 */
export function saveRow(
  store: Store,
  request: SaveRequest,
  { uniqueTitles }: { uniqueTitles: boolean },
): Row | SaveFault {
  const { data, isFolder, folderId, overwrite } = request;
  const title = text(data['title']).trim();
  const uid = text(data['uid']).trim();
  if (title === '') return 'empty-name';
  if (!/^[A-Za-z0-9_-]*$/.test(uid)) return 'uid-characters';
  if (uid.length > 40) return 'uid-length';

  const id = typeof data['id'] === 'number' && data['id'] > 0 ? data['id'] : undefined;
  const byId = id === undefined ? undefined : store.rows.find((row) => row.id === id);
  const byUid = uid === '' ? undefined : store.rowOf(uid);
  if (id !== undefined && byId === undefined) return 'not-found';
  if (byId !== undefined && byUid !== undefined && byId !== byUid) return 'same-uid';
  let target = byId ?? byUid;
  if (target !== undefined) {
    if (target.isFolder !== isFolder) return 'type-mismatch';
    // A version that is absent counts as 0, so it is stale for everything that exists.
    if (!overwrite && (data['version'] ?? 0) !== target.version) return 'version-mismatch';
  }

  const slug = slugify(title);
  const namesake = uniqueTitles
    ? store.rows.find((row) => row.slug === slug && (row.isFolder || row.folderId === folderId))
    : undefined;
  if (namesake !== undefined && namesake !== target) {
    if (namesake.isFolder !== isFolder) return 'name-match';
    if (!overwrite) return 'name-exists';
    target = namesake;
  }
  return write(store, request, target, { uid, title, slug });
}

function write(
  store: Store,
  { data, isFolder, folderId, message, restoredFrom, by }: SaveRequest,
  existing: Row | undefined,
  { uid, title, slug }: { uid: string; title: string; slug: string },
): Row {
  const now = store.timestamp();
  // Grafana asks the user table for the name, where it finds no service account.
  const name = by.kind === 'user' ? by.login : 'Anonymous';
  const row: Row = existing ?? {
    id: store.nextId('row'),
    uid: uid === '' ? shortUid() : uid,
    version: 0,
    created: now,
    createdBy: name,
    history: [],
    slug,
    title,
    isFolder,
    folderId,
    data,
    updated: now,
    updatedBy: name,
  };
  if (existing === undefined) store.rows.push(row);
  // Saving by numeric id may give a dashboard another uid.
  else if (uid !== '' && existing.id === data['id'] && row.uid !== uid) {
    row.uid = uid;
    store.rows = [...store.rows]; // found by its new uid from now on
  }
  const version = row.version + 1;
  Object.assign(row, { title, slug, folderId, version, updated: now, updatedBy: name });
  row.data = sorted({
    ...data,
    ...('refresh' in data ? { refresh: slowEnough(data['refresh']) } : {}),
    id: row.id,
    uid: row.uid,
    title,
    version,
  });
  row.history.unshift({
    id: store.nextId('rowVersion'),
    version,
    parentVersion: version - 1,
    restoredFrom: restoredFrom ?? 0,
    created: now,
    createdBy: by.id,
    message,
    // The first version was written before the row had its id.
    data: existing === undefined ? { ...row.data, id: null } : row.data,
  });
  store.wrote(isFolder ? 'foldersSaved' : 'dashboardsSaved');
  return row;
}

/** Deletes a row, what lies in it if it is a folder, and every public dashboard of these. */
export function deleteRow(store: Store, row: Row): void {
  const gone = new Set([
    row,
    ...store.rows.filter((other) => row.isFolder && other.folderId === row.id),
  ]);
  const uids = new Set([...gone].map(({ uid }) => uid));
  store.rows = store.rows.filter((other) => !gone.has(other));
  store.publicDashboards = store.publicDashboards.filter(
    (publicDashboard) => !uids.has(publicDashboard.dashboardUid),
  );
  store.wrote(row.isFolder ? 'foldersDeleted' : 'dashboardsDeleted');
}

/** `min_refresh_interval`: what is faster is stored as 5 s, without a word. */
function slowEnough(refresh: unknown): unknown {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text(refresh)) ?? [];
  if (amount === undefined) return refresh;
  return Number(amount) * (SECONDS[unit] ?? 1) < MIN_REFRESH_SECONDS ? '5s' : refresh;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
