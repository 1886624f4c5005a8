import type { Frame, Panel } from './browser.js';
import type { OpenTarget } from './target.js';

/** Asks a Grafana for the data of panels as its two pages do. */
export interface PanelAsker {
  /** The panels of a dashboard, with all chosen of each of its variables; `shareable` where there are none. */
  panels(dashboardUid: string): Promise<{ panels: Panel[]; shareable: boolean }>;
  /** The data of a panel for somebody who is logged in. */
  own(panel: Panel): Promise<Frame[]>;
  /** The data of a panel for somebody with the link. */
  shared(accessToken: string, panel: Panel): Promise<Frame[]>;
  /** Makes a link to a dashboard that has none; its access token. */
  share(dashboardUid: string): Promise<string>;
  /** Makes a data source of type prometheus, as somebody does by hand. */
  addDatasource(uid: string, url: string): Promise<void>;
  removeDatasource(uid: string): Promise<void>;
}

interface Dashboard {
  panels: Panel[];
  templating: { list: { name: string; allValue: string }[] };
}

/** As a browser of 1,000 pixels asks for an hour. */
const resolution = { intervalMs: 15_000, maxDataPoints: 1_000 };

export function createPanelAsker(target: OpenTarget): PanelAsker {
  const base = `${target.scheme}://${target.url}`;
  async function ask<T>(method: string, path: string, body?: unknown, own = true): Promise<T> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(own && { authorization: target.authorization }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
  interface Results {
    results: Record<string, { frames?: Frame[] }>;
  }
  const framesOf = ({ results }: Results) =>
    Object.values(results).flatMap(({ frames = [] }) => frames);

  return {
    async panels(dashboardUid) {
      const path = `/api/dashboards/uid/${dashboardUid}`;
      const { dashboard } = await ask<{ dashboard: Dashboard }>('GET', path);
      const variables = dashboard.templating.list;
      const chosen = (expr: string) =>
        variables.reduce((text, { name, allValue }) => text.replaceAll(`$${name}`, allValue), expr);
      const panels = dashboard.panels
        .filter(({ type }) => type !== 'row' && type !== 'text')
        .map((panel) => ({
          ...panel,
          targets: (panel.targets ?? []).map((one) => ({ ...one, expr: chosen(one.expr) })),
        }));
      return { panels, shareable: variables.length === 0 };
    },
    async own({ targets = [] }) {
      const queries = targets.map((query) => ({ ...query, ...resolution }));
      const body = { from: 'now-1h', to: 'now', queries };
      return framesOf(await ask<Results>('POST', '/api/ds/query', body));
    },
    async shared(accessToken, { id }) {
      const path = `/api/public/dashboards/${accessToken}/panels/${id}/query`;
      return framesOf(await ask<Results>('POST', path, resolution, false));
    },
    async share(dashboardUid) {
      const path = `/api/dashboards/uid/${dashboardUid}/public-dashboards`;
      const body = { isEnabled: true, share: 'public' };
      return (await ask<{ accessToken: string }>('POST', path, body)).accessToken;
    },
    async addDatasource(uid, url) {
      const body = { uid, name: uid, type: 'prometheus', access: 'proxy', url, jsonData: {} };
      await ask('POST', '/api/datasources', body);
    },
    async removeDatasource(uid) {
      await ask('DELETE', `/api/datasources/uid/${uid}`);
    },
  };
}
