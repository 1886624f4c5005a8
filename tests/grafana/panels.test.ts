import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startService as startMetricsService } from '../metrics/support/service.js';
import { createMemoryState } from '../dashboard/support/memory-state.js';
import { createAdmin } from './support/admin.js';
import { createPanelAsker, type PanelAsker } from './support/ask-panels.js';
import { shownBy, valuesIn, type Frame, type Panel } from './support/browser.js';
import { compare, near } from './support/compare.js';
import { startFleet, type ScrapedCluster, type ScrapedFleet } from './support/fleet.js';
import { isReady, startService } from './support/service.js';
import { targets, type OpenTarget } from './support/target.js';

const intervals = [15, 30, 60, 120];

/** What a cluster of the demo cannot show, since it does not run what measures it. */
const unmeasured: Record<string, RegExp> = {
  'staging-west': /^power: Power of containers/,
  'field-mixed': /^power: Power of containers/,
};
/** It runs next to nothing. */
const leftOut = 'edge-minimal';

/** Panels that are asked at once. */
const atOnce = 8;

// The dialects differ in nothing that is asked here.
const cases = targets(process.env)
  .slice(0, 1)
  .flatMap((target) =>
    (['prometheus', 'victoria-metrics'] as const).map((store) => ({ ...target, store })),
  );

describe.each(cases)('$name over $store', ({ open, store }) => {
  let fleet: ScrapedFleet;
  let clusters: ScrapedCluster[];
  let target: OpenTarget;
  let asker: PanelAsker;
  beforeAll(async () => {
    fleet = await startFleet(intervals, store);
    clusters = fleet.clusters.filter(({ name }) => name !== leftOut);
    target = await open();
    asker = createPanelAsker(target);
  }, 300_000);
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await fleet.stack.stop();
  });

  /** Provisions these clusters; what they get is removed in the end. */
  async function whileProvisioned<T>(
    provisioned: readonly ScrapedCluster[],
    environment: Record<string, string>,
    run: (admin: ReturnType<typeof createAdmin>) => Promise<T>,
  ): Promise<T> {
    const admin = createAdmin(target);
    const folder = `Bud Monitoring test ${randomUUID().slice(0, 8)}`;
    const state = createMemoryState({ clock: Date });
    {
      await using service = await startService({ target, state, folder, environment });
      for (const { id, name } of provisioned)
        await service.deliver('created', { clusterId: id, name });
      for (const { id } of provisioned) await service.until(id, isReady);
    }
    try {
      return await run(admin);
    } finally {
      for (const { id } of provisioned)
        for (const { uid } of await admin.dashboards(id)) await admin.remove(uid);
      await admin.removeFolder(folder);
    }
  }

  const blanks = (environment: Record<string, string>): Promise<string[]> =>
    whileProvisioned(clusters, environment, async (admin) => {
      const found: string[] = [];
      for (const cluster of clusters) found.push(...(await blanksOf(cluster, admin)));
      return found;
    });

  async function blanksOf(
    { id, name, intervalSeconds, nodes, exporters }: ScrapedCluster,
    admin: ReturnType<typeof createAdmin>,
  ): Promise<string[]> {
    const found: string[] = [];
    const needed = {
      gpu: nodes.some(({ gpus }) => gpus.length > 0),
      inference: exporters.inference,
    };
    const seen = new Set<string | undefined>();
    for (const { uid } of await admin.dashboards(id)) {
      const dashboard = {
        '': 'cluster',
        '-n': 'nodes',
        '-p': 'power',
        '-g': 'gpu',
        '-i': 'inference',
        '-w': 'workloads',
      }[uid.slice(id.length)];
      seen.add(dashboard);
      const [link] = await admin.links(uid);
      const { panels, shareable } = await asker.panels(uid);
      const token = link?.accessToken ?? (shareable ? await asker.share(uid) : null);
      const ask = async (panel: Panel) => {
        const what = `${dashboard ?? uid}: ${panel.title}`;
        if (unmeasured[name]?.test(what) === true) return;
        const where = `${name} every ${intervalSeconds} s, ${what}`;
        if (isBlank(panel, await asker.own(panel), 'own')) found.push(where);
        if (token !== null && isBlank(panel, await asker.shared(token, panel), 'public'))
          found.push(`${where}, on the public page`);
      };
      for (let first = 0; first < panels.length; first += atOnce)
        await Promise.all(panels.slice(first, first + atOnce).map(ask));
    }
    for (const [dashboard, isNeeded] of Object.entries(needed))
      if (seen.has(dashboard) !== isNeeded)
        found.push(`${name}: the dashboard ${dashboard} is ${isNeeded ? 'missing' : 'there'}`);
    return found;
  }

  it('shows something in every panel, by a data source that we make', async () => {
    const uid = `bud-test-${new URL(fleet.url).port}`;
    const environment = { GRAFANA_DATASOURCE_UID: uid, GRAFANA_DATASOURCE_URL: fleet.url };
    try {
      expect(await blanks(environment)).toEqual([]);
    } finally {
      await asker.removeDatasource(uid);
    }
  }, 300_000);

  it('shows something in every panel, by a data source that says no scrape interval', async () => {
    const uid = `bud-test-${randomUUID().slice(0, 8)}`;
    await asker.addDatasource(uid, fleet.url);
    try {
      expect(await blanks({ GRAFANA_DATASOURCE_UID: uid })).toEqual([]);
    } finally {
      await asker.removeDatasource(uid);
    }
  }, 300_000);

  it('agrees with the API about clusters and nodes', async () => {
    const uid = `bud-test-${new URL(fleet.url).port}`;
    const environment = { GRAFANA_DATASOURCE_UID: uid, GRAFANA_DATASOURCE_URL: fleet.url };
    const some = clusters.filter(({ intervalSeconds }) => intervalSeconds === 30);
    const now = Math.floor(Date.now() / 1_000);
    await using api = await startMetricsService({ prometheus: fleet.url, now });
    try {
      await whileProvisioned(some, environment, async () => {
        for (const { id, name } of some) {
          const { figures, shown } = await compare({ api, asker, id });
          expect({ name, ...shown }).toEqual({ name, ...near(figures) });
        }
      });
    } finally {
      await asker.removeDatasource(uid);
    }
  }, 120_000);
});

/** Seconds that lines have to cover without a break, up to now. */
const coveredSeconds = 15 * 60;

/** Whether a panel lacks what it is there for: lines, a number, or a column of a table. */
function isBlank(panel: Panel, frames: readonly Frame[], page: 'own' | 'public'): boolean {
  if (panel.type === 'timeseries') return !frames.some(isLine);
  const values = [...valuesIn(shownBy(panel, frames, page)).values()];
  const columns = panel.type === 'table' ? 1 + (panel.targets?.length ?? 0) : 1;
  return values.length < columns || values.includes(0);
}

function isLine({ data }: Frame): boolean {
  const [times, values] = data.values as [number[], (number | null)[]];
  const from = Date.now() - coveredSeconds * 1_000;
  const drawn = times.filter((time, n) => time >= from && typeof values[n] === 'number');
  const step = (times.at(1) ?? Infinity) - (times.at(0) ?? 0);
  return drawn.length >= (0.9 * coveredSeconds * 1_000) / step - 1;
}
