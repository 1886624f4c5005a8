import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export type JsonObject = Record<string, unknown>;
export type Role = 'Viewer' | 'Editor' | 'Admin';

/** A dashboard or a folder: Grafana keeps both in one table, so ids and titles meet there. */
export interface Row {
  id: number;
  uid: string;
  slug: string;
  title: string;
  isFolder: boolean;
  /** 0 is General. */
  folderId: number;
  version: number;
  data: JsonObject;
  created: string;
  updated: string;
  createdBy: string;
  updatedBy: string;
  history: RowVersion[];
}

export interface RowVersion {
  id: number;
  version: number;
  parentVersion: number;
  restoredFrom: number;
  created: string;
  createdBy: number;
  message: string;
  data: JsonObject;
}

/** One public dashboard. */
export interface PublicDashboard {
  uid: string;
  dashboardUid: string;
  accessToken: string;
  isEnabled: boolean;
  annotationsEnabled: boolean;
  timeSelectionEnabled: boolean;
  createdBy: number;
  updatedBy: number;
  createdAt: string;
  updatedAt: string;
}

export interface Datasource {
  id: number;
  uid: string;
  name: string;
  type: string;
  access: string;
  url: string;
  user: string;
  database: string;
  basicAuth: boolean;
  basicAuthUser: string;
  withCredentials: boolean;
  isDefault: boolean;
  jsonData: JsonObject;
  /** What Grafana uses and gives to nobody. */
  secureJsonData: Record<string, string>;
  version: number;
}

export interface ServiceAccount {
  id: number;
  name: string;
  login: string;
  role: Role;
  isDisabled: boolean;
  createdAt: string;
  updatedAt: string;
}

/** A service account's token; the key itself is not kept. */
export interface Token {
  id: number;
  accountId: number;
  name: string;
  keyHash: string;
  created: string;
  /** Unix milliseconds, or null for one that never expires. */
  expiresAt: number | null;
}

type Counter = 'row' | 'rowVersion' | 'account' | 'token' | 'datasource';

interface State {
  lastId: Record<Counter, number>;
  rows: Row[];
  publicDashboards: PublicDashboard[];
  datasources: Datasource[];
  accounts: ServiceAccount[];
  tokens: Token[];
}

/** Changes that were carried out, since the start or the last wipe. */
export interface WriteCounts {
  dashboardsSaved: number;
  dashboardsDeleted: number;
  foldersSaved: number;
  foldersDeleted: number;
  publicDashboardsCreated: number;
  publicDashboardsUpdated: number;
  publicDashboardsDeleted: number;
  datasourcesSaved: number;
  datasourcesDeleted: number;
  accountsChanged: number;
}

/** Everything this Grafana knows, in memory and, with a file, on disk after every change. */
export interface Store extends State {
  readonly writes: WriteCounts;
  /** The dashboard or folder of a uid. */
  rowOf: (uid: string) => Row | undefined;
  nextId: (counter: Counter) => number;
  /** Counts a change and keeps it. */
  wrote: (what: keyof WriteCounts) => void;
  /** Forgets everything, as a Grafana that came up on an empty volume. */
  wipe: () => void;
  /** The time as Grafana writes it: RFC 3339 in whole seconds. */
  timestamp: () => string;
}

// The first user is the admin, so that service accounts begin at 2.
const emptyState = (): State => ({
  lastId: { row: 0, rowVersion: 0, account: 1, token: 0, datasource: 0 },
  rows: [],
  publicDashboards: [],
  datasources: [],
  accounts: [],
  tokens: [],
});

const noWrites = (): WriteCounts => ({
  dashboardsSaved: 0,
  dashboardsDeleted: 0,
  foldersSaved: 0,
  foldersDeleted: 0,
  publicDashboardsCreated: 0,
  publicDashboardsUpdated: 0,
  publicDashboardsDeleted: 0,
  datasourcesSaved: 0,
  datasourcesDeleted: 0,
  accountsChanged: 0,
});

export function createStore(options: {
  clock: { now(): number };
  stateFile: string | undefined;
}): Store {
  const { clock, stateFile } = options;
  const load = (): State =>
    stateFile !== undefined && existsSync(stateFile)
      ? (JSON.parse(readFileSync(stateFile, 'utf8')) as State)
      : emptyState();

  const persist = () => {
    if (stateFile === undefined) return;
    const { lastId, rows, publicDashboards, datasources, accounts, tokens } = store;
    const state: State = { lastId, rows, publicDashboards, datasources, accounts, tokens };
    writeFileSync(`${stateFile}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${stateFile}.new`, stateFile);
  };

  // By uid, filled up with each question: thousands of dashboards are asked for one by one.
  let indexed: readonly Row[] = [];
  let byUid = new Map<string, Row>();
  const rowOf = (uid: string) => {
    if (indexed !== store.rows) {
      indexed = store.rows;
      byUid = new Map();
    }
    for (const row of store.rows.slice(byUid.size)) byUid.set(row.uid, row);
    return byUid.get(uid);
  };

  const store: Store = {
    ...load(),
    writes: noWrites(),
    rowOf,
    nextId: (counter) => (store.lastId[counter] += 1),
    wrote: (what) => {
      store.writes[what] += 1;
      persist();
    },
    wipe: () => {
      Object.assign(store, emptyState());
      Object.assign(store.writes, noWrites());
      persist();
    },
    timestamp: () => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  return store;
}

/** Grafana's "never": what `updatedAt` says before the first update. */
export const NEVER = '0001-01-01T00:00:00Z';

/** A short id of nine characters, as Grafana makes for what was sent without a uid. */
export function shortUid(): string {
  const text = randomBytes(9).toString('base64url').slice(0, 9);
  return /^[A-Za-z]/.test(text) ? text : `u${text.slice(1)}`;
}

/** The access token of a public dashboard: 32 hex digits. */
export const accessToken = (): string => randomBytes(16).toString('hex');

/** The title as it stands in a URL; equal slugs are equal titles for Grafana 9.4. */
export const slugify = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .replace(/^-+|-+$/g, '');

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A copy whose keys are in order at every depth: how Grafana gives back the JSON it stored. */
export function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner as unknown)])) as T;
}

/** The folder with this uid, if there is one. */
export const findFolder = (store: Store, uid: string): Row | undefined =>
  store.rows.find((row) => row.isFolder && row.uid === uid);
