import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { createDashboardClient } from '@bud-monitoring/client/bud-dashboard';
import { topics } from '@bud-monitoring/contracts';
import type { Stack } from '@bud-monitoring/stack';
import type { Browser, Page } from 'playwright-core';
import { createEchoApp } from '../support/echo-app.js';
import { redisCommands } from '../support/redis-command.js';
import { expectSoon } from './support/expect-soon.js';
import { violationsOf } from './support/pages.js';
import { useStack } from './support/use-stack.js';
import { signedIn } from './support/visitor.js';

const TIMEOUT_MS = 90_000;
let browser: Browser;
let stack: Stack;
let dapr: Dapr;
let token: string;

useStack(
  (started, its) => {
    [browser, stack] = [started, its];
  },
  [createEchoApp('bud-cluster')],
);
beforeAll(async () => {
  const { sidecar } = stack.app('bud-cluster');
  dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
});
afterAll(() => dapr.stop());

/** Announces a cluster, and waits until its dashboards are as far as the status says. */
async function announce(name: string, status = 'ready'): Promise<string> {
  const id = randomUUID();
  await dapr.publish('pubsub', topics.clusterCreated, { cluster_id: id, name });
  await standing(id, (found) => found?.status === status);
  return id;
}

type Found = Awaited<ReturnType<ReturnType<typeof createDashboardClient>['getGrafanaDashboard']>>;

/** Waits until the API says so of a cluster; null for one that it does not know. */
async function standing(id: string, isSo: (found: Found | null) => boolean): Promise<Found | null> {
  const client = createDashboardClient({ dapr });
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await client.getGrafanaDashboard(id, { token }).catch(() => null);
    if (isSo(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the dashboards of ${id} never were so`);
}

const rows = (page: Page) => page.getByRole('row');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

describe('provisioning', () => {
  it(
    'counts the clusters of each status, and each number leads to them',
    async () => {
      const id = await announce('counted');
      await createDashboardClient({ dapr }).putSharing(id, { enabled: false }, { token });
      await standing(id, (found) => found?.status === 'disabled');
      await using visitor = await signedIn(browser, stack, 'viewer', '/provisioning');
      const { page } = visitor;
      const tiles = page.getByRole('list', { name: 'Clusters by status' });
      const tile = (name: string) => tiles.getByRole('link', { name });
      await expectSoon(() => tile('No link').innerText(), '1\nNo link');
      expect(await tile('Failed').innerText()).toBe('0\nFailed');
      await tile('No link').click();
      await page.waitForURL(/status=disabled/);
      await page.getByRole('link', { name: 'counted' }).waitFor();
      expect(await tile('No link').getAttribute('aria-current')).toBe('true');
      await page.getByText('1–1 of 1 clusters').waitFor();
      expect(await violationsOf(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'lists clusters by status and by name, in the address, and goes back',
    async () => {
      await announce('list-east');
      const west = await announce('list-west');
      await using visitor = await signedIn(browser, stack, 'viewer', '/provisioning');
      const { page } = visitor;
      await page.getByRole('link', { name: 'list-east' }).waitFor();
      await page.getByLabel('Search by name or id').fill('LIST-W');
      await button(page, 'Search').click();
      await page.getByRole('link', { name: 'list-east' }).waitFor({ state: 'detached' });
      await expectSoon(() => rows(page).count(), 2);
      expect(page.url()).toContain('search=LIST-W');
      await page.getByLabel('Status', { exact: true }).selectOption('failed');
      await page.getByText('No cluster is like that.').waitFor();
      await page.goBack();
      await page.getByRole('link', { name: 'list-west' }).click();
      await page.getByRole('heading', { name: 'list-west', level: 1 }).waitFor();
      expect(page.url()).toContain(`/provisioning/${west}`);
      await page.getByText('Ready', { exact: true }).waitFor();
      expect(visitor.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'offers a viewer nothing that changes',
    async () => {
      const id = await announce('look-only');
      await using visitor = await signedIn(browser, stack, 'viewer', `/provisioning/${id}`);
      const { page } = visitor;
      await page.getByRole('heading', { name: 'look-only', level: 1 }).waitFor();
      await page.getByText('a public link without an end').waitFor();
      expect(await page.getByRole('region', { name: 'Actions' }).count()).toBe(0);
      expect(await page.locator('main').getByRole('button').count()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'replaces, ends and makes a link, and lets it end at a time; it asks before it takes one away',
    async () => {
      const id = await announce('links');
      const { url } = (await standing(id, () => true))!;
      const look = { zone: 'Asia/Kolkata' };
      await using visitor = await signedIn(browser, stack, 'manager', `/provisioning/${id}`, look);
      const { page } = visitor;
      await page.getByRole('link', { name: url! }).waitFor();

      await button(page, 'Replace the link').click();
      await button(page, 'Cancel').click();
      expect((await standing(id, () => true))?.url).toBe(url);
      await button(page, 'Replace the link').click();
      await confirm(page, 'Replace the link');
      await page.getByText('The link was replaced.').waitFor();
      const { url: next } = (await standing(id, (found) => found?.url !== url))!;
      await page.getByRole('link', { name: next! }).waitFor();

      await page.getByLabel('Time zone').selectOption('UTC');
      await page.getByLabel('Let the link end at').fill('2099-12-31T23:59');
      await button(page, 'Set').click();
      await page.getByText('a public link until').waitFor();
      expect((await standing(id, () => true))?.sharing.expires_at).toBe('2099-12-31T23:59:00.000Z');
      await button(page, 'Without an end').click();
      await page.getByText('a public link without an end').waitFor();

      await button(page, 'End the link').click();
      await confirm(page, 'End the link');
      await page.getByText('no public link', { exact: true }).waitFor();
      await standing(id, (found) => found?.status === 'disabled');
      await button(page, 'Make a link').click();
      await page.getByText('a public link without an end').waitFor();
      await standing(id, (found) => found?.status === 'ready');
      expect(visitor.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'provisions again, and removes after it has asked',
    async () => {
      const id = await announce('again');
      await using visitor = await signedIn(browser, stack, 'manager', `/provisioning/${id}`);
      const { page } = visitor;
      await button(page, 'Provision again').click();
      await page.getByText('The dashboards are provisioned again.').waitFor();
      await button(page, 'Remove dashboards').click();
      await page.getByText('are deleted in Grafana').waitFor();
      await confirm(page, 'Remove dashboards');
      await page.getByText('The dashboards are being removed.').waitFor();
      const left = stack.grafana!.dashboards().filter(({ uid }) => uid.startsWith(id));
      expect(left).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'says of an error what the API says, with its code and the id of the request',
    async () => {
      const id = await announce('trouble');
      await using visitor = await signedIn(browser, stack, 'manager', `/provisioning/${id}`);
      const { page } = visitor;
      await button(page, 'Replace the link').waitFor();
      await page.route('**/rotate-link', (route) =>
        route.fulfill({
          status: 409,
          json: {
            object: 'error',
            code: 409,
            type: 'ConflictError',
            message: 'Somebody else changes it',
            request_id: 'request-7',
          },
        }),
      );
      await button(page, 'Replace the link').click();
      await confirm(page, 'Replace the link');
      const alert = page.getByRole('alert');
      await alert.getByText('Somebody else changes it').waitFor();
      expect(await alert.innerText()).toMatch(/409[\s\S]*ConflictError[\s\S]*request-7/);
    },
    TIMEOUT_MS,
  );

  it(
    'finds dashboards of clusters that are not known, and removes or adopts them',
    async () => {
      const [kept, gone] = [await announce('orphan-kept'), await announce('orphan-gone')];
      // The state store loses what it had.
      const script = `for _,k in ipairs(redis.call('keys','bud-dashboard||*')) do redis.call('del',k) end`;
      await redisCommands(stack.redis!, `EVAL "${script}" 0`);
      await using visitor = await signedIn(
        browser,
        stack,
        'manager',
        '/provisioning?status=orphaned&search=orphan-',
      );
      const { page } = visitor;
      await page.getByText('Orphaned', { exact: true }).nth(2).waitFor(); // beside the choice's own
      await page.getByRole('link', { name: 'orphan-kept' }).click();
      await page.getByRole('alert').getByText('404').waitFor();
      await button(page, 'Adopt').click();
      await page.getByText('The cluster is known, and provisioned.').waitFor();
      expect((await standing(kept, (found) => found?.status === 'ready'))?.name).toBe(
        'orphan-kept',
      );

      await visitor.open('/provisioning?status=orphaned&search=orphan-');
      await page.getByRole('link', { name: 'orphan-gone' }).click();
      await button(page, 'Remove dashboards').click();
      await confirm(page, 'Remove dashboards');
      await page.getByText('The dashboards are being removed.').waitFor();
      const left = stack.grafana!.dashboards().filter(({ uid }) => uid.startsWith(gone));
      expect(left).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('dead letters', () => {
  const refuse = async (data: object) => {
    const client = createDashboardClient({ dapr });
    const { total } = await client.listDeadLetters({}, { token });
    await dapr.publish('pubsub', topics.clusterCreated, data);
    const wasRefused = async () => (await client.listDeadLetters({}, { token })).total > total;
    await expectSoon(wasRefused, true);
  };

  it(
    'are listed, looked at, replayed and dropped',
    async () => {
      await refuse({ cluster_id: 'nonsense one', name: 'first' });
      await using visitor = await signedIn(browser, stack, 'manager', '/dead-letters');
      const { page } = visitor;
      await page.getByRole('link', { name: topics.clusterCreated }).first().click();
      await page.getByRole('heading', { name: 'Dead letter', level: 1 }).waitFor();
      await page.getByText('"nonsense one"').waitFor();

      await button(page, 'Replay').click();
      const alert = page.getByRole('alert');
      await alert.waitFor();
      expect(await alert.innerText()).toMatch(/422|409|400/);

      await button(page, 'Drop').click();
      await button(page, 'Cancel').click();
      await button(page, 'Drop').click();
      await confirm(page, 'Drop');
      await page.getByText('Every event was taken.').waitFor();
      expect(visitor.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'are dropped all at once, by who may',
    async () => {
      await refuse({ cluster_id: 'nonsense two' });
      await refuse({ cluster_id: 'nonsense three' });
      {
        await using viewer = await signedIn(browser, stack, 'viewer', '/dead-letters');
        await viewer.page.getByRole('link', { name: topics.clusterCreated }).first().waitFor();
        expect(await button(viewer.page, 'Drop all').count()).toBe(0);
        await viewer.page.getByRole('link', { name: topics.clusterCreated }).first().click();
        await viewer.page.getByText('Why it was not taken').waitFor();
        expect(await button(viewer.page, 'Replay').count()).toBe(0);
        expect(await button(viewer.page, 'Drop').count()).toBe(0);
      }
      await using visitor = await signedIn(browser, stack, 'manager', '/dead-letters');
      const { page } = visitor;
      await button(page, 'Drop all').click();
      await page.getByText('Drop all 2 dead letters?').waitFor();
      await confirm(page, 'Drop all');
      await page.getByText('2 dead letters dropped.').waitFor();
      await page.getByText('Every event was taken.').waitFor();
    },
    TIMEOUT_MS,
  );
});

describe('these pages', () => {
  it.each([
    { scheme: 'light', width: 1200 },
    { scheme: 'dark', width: 1920 },
    { scheme: 'light', width: 360 },
  ] as const)(
    'are for everybody: %j',
    async (look) => {
      const id = await announce('for everybody');
      const client = createDashboardClient({ dapr });
      await dapr.publish('pubsub', topics.clusterCreated, { cluster_id: 'nonsense', name: 'x' });
      await expectSoon(async () => (await client.listDeadLetters({}, { token })).total > 0, true);
      const [letter] = (await client.listDeadLetters({}, { token })).dead_letters;
      await using visitor = await signedIn(browser, stack, 'manager', '/', look);
      const { page } = visitor;
      const isWider = () =>
        page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      for (const [path, text] of [
        ['/provisioning', 'for everybody'],
        [`/provisioning/${id}`, 'Replace the link'],
        ['/dead-letters', 'Drop all'],
        [`/dead-letters/${letter!.id}`, 'Why it was not taken'],
        ['/health', 'bud-dashboard'],
      ] as const) {
        await visitor.open(path);
        await page.getByText(text).first().waitFor();
        expect({ path, violations: await violationsOf(page) }).toEqual({ path, violations: [] });
        expect({ path, isWider: await isWider() }).toEqual({ path, isWider: false });
      }
      await visitor.open(`/provisioning/${id}`);
      await button(page, 'Remove dashboards').click();
      expect(await violationsOf(page)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('health', () => {
  it(
    'shows each part of both services, also one that is unhealthy',
    async () => {
      await using visitor = await signedIn(browser, stack, 'manager', '/health');
      const { page } = visitor;
      for (const name of ['bud-metrics', 'bud-dashboard']) {
        const table = page.getByRole('table', { name: `What ${name} depends on` });
        await table.getByRole('row', { name: /^sidecar healthy/ }).waitFor();
      }
      await page.getByRole('row', { name: /^prometheus degraded/ }).waitFor();
      await stack.prometheus!.stop('SIGKILL');
      try {
        const row = page.getByRole('row', { name: /^prometheus unhealthy/ });
        await row.waitFor({ timeout: 40_000 });
      } finally {
        await stack.prometheus!.start();
      }
      expect(visitor.complaints).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
