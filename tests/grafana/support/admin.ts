import { randomUUID } from 'node:crypto';
import type { OpenTarget } from './target.js';

export interface Held {
  uid: string;
  title: string;
  version: number;
  folderTitle: string;
  description: unknown;
}

/** The administrator of that Grafana: reads, edits, and creates tokens. */
export interface GrafanaAdmin {
  /** The dashboards whose uid begins with `clusterId`, by uid. */
  dashboards(clusterId: string): Promise<Held[]>;
  /** The public links of the dashboard; `enabled` says whether each works. */
  links(clusterId: string): Promise<{ accessToken: string; enabled: boolean }[]>;
  /** The status that a reader without an account gets. */
  visit(accessToken: string): Promise<number>;
  /** Saves a dashboard of somebody else's; its uid. */
  add(title: string, folderUid: string): Promise<string>;
  /** Changes the description of a dashboard. */
  edit(uid: string, description: string): Promise<void>;
  remove(uid: string): Promise<void>;
  /** Whether a folder holds only one dashboard of a title: it depends on the version. */
  hasUniqueTitles(): Promise<boolean>;
  folderUid(title: string): Promise<string | null>;
  removeFolder(title: string): Promise<void>;
  /** A service account's token; `expire` and `revoke` end it. */
  token(role: 'Viewer' | 'Editor', secondsToLive?: number): Promise<Token>;
}

export interface Token {
  key: string;
  revoke(): Promise<unknown>;
}

const marked = ['', '-g', '-i', '-n', '-p', '-w'];

export function createAdmin(target: OpenTarget): GrafanaAdmin & { cleanUp(): Promise<void> } {
  const base = `${target.scheme}://${target.url}`;
  const accounts: number[] = [];

  async function ask(method: string, path: string, body?: unknown) {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: target.authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => null);
    return { status: response.status, answer };
  }
  async function get<T>(path: string): Promise<T | null> {
    const { status, answer } = await ask('GET', path);
    if (status === 404) return null;
    if (status >= 300) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer as T;
  }
  async function done<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, answer } = await ask(method, path, body);
    if (status >= 300)
      throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer as T;
  }
  const read = (uid: string) =>
    get<{
      dashboard: { title: string; version: number; description?: unknown };
      meta: { folderTitle: string; folderUid?: string };
    }>(`/api/dashboards/uid/${uid}`);
  const folders = async () =>
    (await get<{ uid: string; title: string }[]>('/api/folders?limit=1000')) ?? [];

  const admin: GrafanaAdmin = {
    async dashboards(clusterId) {
      const held: Held[] = [];
      for (const suffix of marked) {
        const uid = `${clusterId}${suffix}`;
        const stored = await read(uid);
        if (stored === null) continue;
        const { title, version, description } = stored.dashboard;
        held.push({ uid, title, version, description, folderTitle: stored.meta.folderTitle });
      }
      return held;
    },
    async links(clusterId) {
      interface Link {
        dashboardUid: string;
        accessToken: string;
        isEnabled: boolean;
      }
      const path = '/api/dashboards/public-dashboards?perpage=1000';
      const all = await get<Link[] | { publicDashboards: Link[] }>(path);
      const list = Array.isArray(all) ? all : (all?.publicDashboards ?? []);
      return list
        .filter(({ dashboardUid }) => dashboardUid === clusterId)
        .map(({ accessToken, isEnabled }) => ({ accessToken, enabled: isEnabled }));
    },
    visit: async (accessToken) =>
      (await fetch(`${base}/api/public/dashboards/${accessToken}`)).status,
    async add(title, folderUid) {
      const uid = `other-${randomUUID().slice(0, 8)}`;
      const dashboard = { uid, title, panels: [], schemaVersion: 37 };
      await done('POST', '/api/dashboards/db', { dashboard, folderUid, message: 'Mine' });
      return uid;
    },
    async edit(uid, description) {
      const stored = await read(uid);
      if (stored === null) throw new Error(`there is no dashboard ${uid}`);
      await done('POST', '/api/dashboards/db', {
        dashboard: { ...stored.dashboard, description },
        folderUid: stored.meta.folderUid,
        message: 'By hand',
      });
    },
    async remove(uid) {
      await done('DELETE', `/api/dashboards/uid/${uid}`);
    },
    async hasUniqueTitles() {
      const title = `Bud Monitoring test ${randomUUID()}`;
      const first = await admin.add(title, '');
      const second = await admin.add(title, '').catch(() => null);
      for (const uid of [first, second]) if (uid !== null) await admin.remove(uid);
      return second === null;
    },
    folderUid: async (title) => (await folders()).find((one) => one.title === title)?.uid ?? null,
    async removeFolder(title) {
      for (const { uid } of (await folders()).filter((one) => one.title === title))
        await done('DELETE', `/api/folders/${uid}`);
    },
    async token(role, secondsToLive = 0) {
      const name = `bud test ${randomUUID()}`;
      const account = await done<{ id: number }>('POST', '/api/serviceaccounts', { name, role });
      accounts.push(account.id);
      const path = `/api/serviceaccounts/${account.id}/tokens`;
      const { id, key } = await done<{ id: number; key: string }>('POST', path, {
        name,
        secondsToLive,
      });
      return { key, revoke: () => done('DELETE', `${path}/${id}`) };
    },
  };
  return {
    ...admin,
    async cleanUp() {
      for (const id of accounts) await ask('DELETE', `/api/serviceaccounts/${id}`);
    },
  };
}
