import { afterEach, describe, expect, it } from '@jest/globals';
import type {
  ClusterMetrics,
  ClusterThresholds,
  GrafanaDashboard,
  NodeEvents,
} from '@bud-monitoring/contracts';
import type { Browser, Page } from 'playwright-core';
import type { ConsoleStack } from './support/console-stack.js';
import { useConsoleStack } from './support/use-stack.js';
import { expectSoon } from './support/expect-soon.js';
import { openConsole, violationsOf, type Look } from './support/pages.js';

let system: ConsoleStack;
let browser: Browser;
/** By the names of the demo's fleet. */
let idOf: (name: string) => string;
useConsoleStack((started, its) => {
  [browser, system] = [started, its];
  const ids = new Map(system.fleet.clusters.map(({ id, name }) => [name, id]));
  idOf = (name) => ids.get(name) ?? '';
});
afterEach(() => {
  system.server.interfere = null;
});

const open = (name: string, query = '', look?: Look) =>
  openConsole(browser, system, `/clusters/${idOf(name)}${query}`, look);
const card = (page: Page, title: string) =>
  page.locator('.card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

describe('a cluster', () => {
  it('shows its figures, what is partial and what is absent, and how they went', async () => {
    await using opened = await open('production-east');
    const { page, problems } = opened;
    await page.getByRole('heading', { name: 'production-east' }).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await expectSoon(
      () => card(page, 'Nodes reporting').innerText(),
      ['Nodes reporting', '4 of 5', 'partial, without 1'].join('\n\n'),
    );
    expect(await card(page, 'GPUs').innerText()).toContain('—');
    const path = `/clusters/${idOf('production-east')}/metrics?series=false`;
    const { cluster_summary: summary } = await system.api<ClusterMetrics>(path);
    expect(await card(page, 'Memory').innerText()).toContain(
      `of ${summary.memory?.total_gib?.toFixed(1)} GiB`,
    );
    await page.locator('.warnings', { hasText: 'node_not_reporting' }).waitFor();
    expect(await page.locator('.chart svg').count()).toBeGreaterThanOrEqual(5);
    expect(problems).toEqual([]);
  }, 60_000);

  it('reads single values of a trend by keys, and all of them as a table', async () => {
    await using opened = await open('production-east', '?range=10min');
    const { page } = opened;
    const chart = page.locator('.chart').first();
    const plot = chart.getByRole('img');
    expect(await plot.getAttribute('aria-label')).toMatch(/^CPU: CPU last [\d.]+ %, from/);
    await plot.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    expect(await chart.locator('.chart-readout').innerText()).toMatch(/GMT\+5:30[\s\S]*%/);
    await chart.getByText('Values').click();
    expect(await chart.locator('tbody tr').count()).toBeGreaterThan(10);
  }, 60_000);

  it('changes live, by the stream', async () => {
    await using opened = await open('production-east', '?range=10min');
    const { page } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    const network = card(page, 'Network');
    const before = await network.innerText();
    const deadline = performance.now() + 45_000;
    while ((await network.innerText()) === before && performance.now() < deadline)
      await page.waitForTimeout(500);
    expect(await network.innerText()).not.toBe(before);
  }, 90_000);

  it('keeps tab, range and window in the URL, in the zone that is named', async () => {
    await using opened = await open('ml-training');
    const { page } = opened;
    await page.getByRole('link', { name: 'GPUs' }).click();
    await page.waitForURL(/tab=gpus/);
    await page.getByRole('cell', { name: 'ml-h100-1' }).first().waitFor();
    await page.getByRole('link', { name: '10 min' }).click();
    await page.waitForURL(/range=10min/);
    await page.goBack();
    await page.goBack();
    await card(page, 'CPU').waitFor();

    await page.getByRole('button', { name: 'From … to' }).click();
    await page.getByLabel('From', { exact: true }).fill('2026-11-28T05:30');
    await page.getByLabel('to', { exact: true }).fill('2026-11-28T04:30');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('The first time must be before').waitFor();
    await page.getByLabel('to', { exact: true }).fill('2026-11-28T06:30');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL(/from=2026-11-28T00%3A00%3A00Z&to=2026-11-28T01%3A00%3A00Z/);
    await page.getByText('No data in this range').first().waitFor();
    await page.getByLabel('Time zone').selectOption('UTC');
    await page.getByText('28 Nov 2026, 01:00:00 UTC').first().waitFor();
    expect(new URL(page.url()).search).toContain('to=2026-11-28T01');
  }, 60_000);

  it('lists nodes with what Kubernetes says, and the events of one by a link', async () => {
    await using opened = await open('production-east', '?tab=nodes');
    const { page, problems } = opened;
    const row = page.locator('tbody tr', { hasText: 'prod-worker-3' });
    await row.getByText('Not ready').waitFor();
    await page.locator('tbody tr', { hasText: 'prod-worker-4' }).getByText('last seen').waitFor();
    await page.getByRole('columnheader', { name: /CPU/ }).getByRole('button').click();
    await expectSoon(
      async () => (await page.locator('tbody th').first().innerText()).split('\n')[0],
      'prod-worker-1',
    );
    await page.getByRole('link', { name: /^Events of prod-worker-1:/ }).click();
    await page.waitForURL(/node=/);
    const events = await system.api<NodeEvents>(
      `/clusters/${idOf('production-east')}/node-events/prod-worker-1`,
    );
    const panel = page.getByRole('region', { name: /Events of/ });
    await panel.getByText(events.events[0]?.message ?? 'none').waitFor();
    await page.goBack();
    await expectSoon(() => panel.count(), 0);
    expect(problems).toEqual([]);
  }, 60_000);

  it('says what power is worth', async () => {
    await using opened = await open('production-east', '?tab=power');
    await opened.page
      .getByText(/measured for the whole machine/)
      .first()
      .waitFor();
    await using none = await open('edge-minimal', '?tab=power');
    await none.page.getByText('No node tells its power').waitFor();
    expect(none.problems).toEqual([]);
  }, 60_000);

  it('embeds its dashboard in a sandbox, with a plain link beside it', async () => {
    await using opened = await open('staging-west', '?tab=dashboards');
    const { page, problems } = opened;
    const path = `/clusters/${idOf('staging-west')}/grafana-dashboard`;
    await expectSoon(async () => (await system.api<GrafanaDashboard>(path)).status, 'ready');
    const { url } = await system.api<GrafanaDashboard>(path);
    await page.reload();
    const link = page.getByRole('link', { name: 'Open in Grafana' });
    expect(await link.getAttribute('href')).toBe(url);
    const frame = page.locator('iframe');
    expect(await frame.getAttribute('sandbox')).toBe(
      'allow-scripts allow-same-origin allow-popups',
    );
    await page.frameLocator('iframe').getByText('staging-west').first().waitFor();
    expect(problems).toEqual([]);
  }, 60_000);
});

describe('thresholds', () => {
  const path = () => `/clusters/${idOf('staging-west')}/alert-thresholds`;
  const thresholds = () => system.api<ClusterThresholds>(path());

  it('are changed by who may, each for itself, and taken back after a question', async () => {
    await using opened = await open('staging-west', '?tab=alerts');
    const { page, problems } = opened;
    await page.getByLabel('Disk usage, warning, %').fill('60.5');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('row', { name: /Disk usage/ })
      .getByText('of this cluster')
      .waitFor();
    expect(await thresholds()).toMatchObject({
      overridden: ['disk_usage'],
      thresholds: { disk_usage: { warning: 60.5, critical: 95 } },
    });
    await page.getByRole('button', { name: 'Back to the defaults' }).click();
    const dialog = page.getByRole('dialog', { name: 'Back to the defaults?' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await expectSoon(() => dialog.count(), 0);
    expect((await thresholds()).overridden).toEqual(['disk_usage']);
    await page.getByRole('button', { name: 'Back to the defaults' }).click();
    await dialog.getByRole('button', { name: 'Take back' }).click();
    await expectSoon(() => page.locator('.own').count(), 0);
    expect((await thresholds()).overridden).toEqual([]);
    expect(problems).toEqual([]);
  }, 60_000);

  it('are not sent while they make no sense, and what the API refuses is told with its fields', async () => {
    await using opened = await open('staging-west', '?tab=alerts');
    const { page } = opened;
    await page.getByLabel('CPU usage, warning, %').fill('95');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('A warning must begin below what is critical').waitFor();
    await page.getByLabel('CPU usage, warning, %').fill('0');
    await page.getByRole('button', { name: 'Save' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'BadRequestError' });
    expect(await alert.innerText()).toContain('cpu_usage.warning');
    expect((await thresholds()).overridden).toEqual([]);
  }, 60_000);

  it('are only shown to who may only read', async () => {
    await using opened = await open('staging-west', '?tab=alerts', { who: 'viewer' });
    const { page } = opened;
    await page.getByText('Changing them needs the permission cluster:manage').waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await page
      .getByRole('row', { name: /CPU usage/ })
      .getByText('70')
      .first()
      .waitFor();
  }, 60_000);
});

describe('what is not there, or not for this caller', () => {
  it.each([
    ['/clusters/00000000-0000-4000-8000-00000000ffff', 'Cluster not found'],
    ['/clusters/nonsense', 'must be a UUID'],
  ])(
    '%s is told once',
    async (path, text) => {
      await using opened = await openConsole(browser, system, path);
      await opened.page.getByRole('alert').getByText(text).first().waitFor();
      await opened.page.waitForTimeout(500);
      expect(await opened.page.getByRole('alert').count()).toBe(1);
    },
    60_000,
  );

  it('a cluster out of reach is refused, and nobody signed out', async () => {
    await using opened = await open('ml-training', '', { who: 'narrow' });
    await opened.page.getByRole('alert').getByText('ForbiddenError').waitFor();
    expect(await opened.page.getByRole('button', { name: 'Sign out' }).count()).toBe(1);
  }, 60_000);

  it('an address that leads nowhere has a way back', async () => {
    await using opened = await openConsole(browser, system, '/nowhere/at-all');
    await opened.page.getByRole('link', { name: 'All clusters' }).click();
    await opened.page.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(new URL(opened.page.url()).pathname).toBe('/');
  }, 60_000);

  it('a page whose files cannot be loaded says so, and takes nothing else along', async () => {
    await using opened = await openConsole(browser, system, '/');
    const { page } = opened;
    await page.route('**/assets/cluster-page*.js', (route) => route.abort());
    await page.getByRole('link', { name: /^ml-training/ }).click();
    await page.getByRole('heading', { name: 'This page does not work' }).waitFor();
    await page.unroute('**/assets/cluster-page*.js');
    await page.getByRole('link', { name: 'Fleet' }).click();
    await page.getByRole('heading', { name: 'Fleet' }).waitFor();
    expect(await page.getByRole('button', { name: 'Load again' }).count()).toBe(0);
    // An answer that makes no sense is as bad.
    system.server.interfere = ({ url = '' }, response) => {
      if (!url.startsWith('/api/clusters?')) return undefined;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"object":"clusters","message":"","data":{"clusters":[null]}}');
      return true;
    };
    await page.reload();
    await page.getByRole('heading', { name: 'This page does not work' }).waitFor();
  }, 60_000);

  it('keeps the last figures while bud-metrics restarts, and is live again after', async () => {
    await using opened = await open('ml-training', '?range=10min');
    const { page } = opened;
    await page.getByText('Live', { exact: true }).waitFor();
    const { process } = system.stack.app('bud-metrics');
    await process?.stop('SIGKILL');
    try {
      await page.getByText('Live updates interrupted').waitFor();
      expect(await page.locator('.card').count()).toBe(8);
    } finally {
      await process?.start();
    }
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 });
  }, 120_000);
});

describe.each(['light', 'dark'] as const)('for everybody, %s', (scheme) => {
  it.each(['overview', 'nodes', 'gpus', 'power', 'alerts', 'dashboards'])(
    'has no violation of axe and fits into a phone: %s',
    async (tab) => {
      await using opened = await open('ml-training', `?tab=${tab}`, { scheme, width: 360 });
      const { page, problems } = opened;
      await page.locator('.card, .table, .thresholds, .dashboard-facts').first().waitFor();
      await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
      expect(await violationsOf(page)).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(360);
      await page.setViewportSize({ width: 1200, height: 800 });
      expect(await violationsOf(page)).toEqual([]);
      expect(problems).toEqual([]);
    },
    60_000,
  );
});
