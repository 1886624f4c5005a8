import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FleetList } from '@bud-monitoring/contracts';
import type { Browser, Page } from 'playwright-core';
import { manyClusters } from './support/many-clusters.js';
import type { ConsoleStack } from './support/console-stack.js';
import { useConsoleStack } from './support/use-stack.js';
import { expectSoon } from './support/expect-soon.js';
import { openConsole, violationsOf, type Look } from './support/pages.js';

let system: ConsoleStack;
let browser: Browser;
useConsoleStack((started, its) => {
  [browser, system] = [started, its];
});
afterEach(() => {
  system.server.interfere = null;
});

const open = (path: string, look?: Look) => openConsole(browser, system, path, look);
const names = (page: Page) => page.locator('tbody .cluster-link').allInnerTexts();
const firstWords = (texts: readonly string[]) => texts.map((text) => text.split('\n')[0]);

function refuse(code: number, type: string, headers: Record<string, string> = {}) {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (!/^\/api\/clusters(\?|$)/.test(request.url ?? '')) return undefined;
    const body = { object: 'error', code, type, message: 'told by the test', request_id: 'r-1' };
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
    return true;
  };
}

describe('the fleet', () => {
  it('shows what the API says: states, contact, figures with their exact values, and what is absent', async () => {
    await using opened = await open('/');
    const { page, problems } = opened;
    await page.locator('tbody tr').nth(4).waitFor();
    const { clusters } = await system.api<FleetList>('/clusters?sort=need');
    expect(firstWords(await names(page))).toEqual(clusters.map(({ name }) => name));

    const { states } = await system.api<FleetList>('/clusters?limit=1&counts=true');
    const tile = page.getByRole('list', { name: 'Clusters by state' }).getByRole('link');
    await expectSoon(() => tile.nth(0).innerText(), `${clusters.length}\nAll clusters`);
    const numbers = (await tile.allInnerTexts())
      .slice(1)
      .map((text) => Number(text.split('\n')[0]));
    expect(numbers.sort()).toEqual(Object.values(states ?? {}).sort());
    const rowOf = (name: string) => page.locator('tbody tr', { hasText: name });
    const edge = rowOf('edge-minimal');
    expect(await edge.getByText('no data').count()).toBe(3);
    const full = clusters.find(({ name }) => name === 'staging-west')!;
    const cpu = rowOf('staging-west').locator('td[data-label="CPU, %"] .share');
    expect(await cpu.innerText()).toBe(full.cpu.usage_percent?.toFixed(1));
    expect(await cpu.getAttribute('title')).toBe(`${full.cpu.usage_percent} %`);
    expect(await rowOf('staging-west').innerText()).toMatch(/\d+ s ago/);
    // GPUs come by the stream.
    await rowOf('ml-training').locator('td[data-label="GPU, %"] .share').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    expect(problems).toEqual([]);
  }, 60_000);

  it('keeps order, search and state in the URL; back and a deep link lead there again', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await page.locator('tbody tr').nth(4).waitFor();
    const head = page.getByRole('columnheader', { name: /CPU/ });
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort=cpu/);
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await head.getByRole('button').click();
    await page.waitForURL(/order=asc/);
    const { clusters } = await system.api<FleetList>('/clusters?sort=cpu&order=asc');
    const asked = clusters.map(({ name }) => name);
    await expectSoon(async () => firstWords(await names(page)), asked);

    await page.getByRole('searchbox').fill('ML-train');
    await page.waitForURL(/search=ML-train/);
    await expectSoon(async () => firstWords(await names(page)), ['ml-training']);
    await page.goBack();
    await page.goBack();
    await page.waitForURL(/sort=cpu$/);
    const fullest = await system.api<FleetList>('/clusters?sort=cpu');
    await expectSoon(
      async () => firstWords(await names(page)),
      fullest.clusters.map(({ name }) => name),
    );

    await page
      .getByRole('link', { name: /Warning|Critical/ })
      .first()
      .click();
    await page.waitForURL(/state=/);
    await using deep = await open('/?search=staging&sort=name');
    await expectSoon(async () => firstWords(await names(deep.page)), ['staging-west']);
    await using none = await open('/?search=nothing-like-that');
    await none.page.getByText('No cluster is like that').waitFor();
  }, 60_000);

  it('has its first figures soon, of few requests and bytes', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await page.locator('tbody tr').nth(4).waitFor();
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (!document.querySelector('tbody tr')) return;
      observer.disconnect();
      globalThis.firstFigures = performance.now();
    }).observe(document, { childList: true, subtree: true })`);
    await page.reload();
    await page.locator('tbody tr').nth(4).waitFor();
    const loaded = await page.evaluate<{ ms: number; files: number; api: number; bytes: number }>(`
      (() => {
        const all = performance.getEntriesByType('resource');
        const files = all.filter(({ name }) => name.includes('/assets/'));
        const api = all.filter(({ name, responseEnd }) =>
          name.includes('/api/') && responseEnd > 0 && responseEnd <= globalThis.firstFigures);
        const bytes = files.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
        return { ms: globalThis.firstFigures, files: files.length, api: api.length, bytes };
      })()
    `);
    expect(loaded.ms).toBeLessThan(5000); // of a machine that does much else; docs/console.md tells usual figures
    expect(loaded.files).toBeLessThan(15);
    expect(loaded.api).toBeLessThan(10);
    expect(loaded.bytes).toBeLessThan(200_000);
  }, 60_000);

  it('says what the caller may see, and how many are in each state', async () => {
    await using opened = await open('/', { who: 'narrow' });
    await expectSoon(async () => firstWords(await names(opened.page)), ['staging-west']);
    await opened.page.getByRole('link', { name: /^1\s*All clusters/ }).waitFor();
  }, 60_000);
});

describe('10,000 clusters', () => {
  it('come by pages of real rows, which the keys of a keyboard reach, without a stutter', async () => {
    system.server.interfere = manyClusters(10_000);
    await using opened = await open('/?sort=name');
    const { page, problems } = opened;
    await page.getByText('1–50 of 10,000 clusters').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(50);
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('51–100 of 10,000 clusters').waitFor();
    await page.getByRole('link', { name: 'Next' }).click();
    await page.getByText('101–150 of 10,000 clusters').waitFor();
    const deep = new URL(page.url());
    await page.getByRole('link', { name: 'Previous' }).click();
    await page.getByText('51–100 of 10,000 clusters').waitFor();
    await page.goBack();
    await page.getByText('101–150 of 10,000 clusters').waitFor();
    await using again = await open(`${deep.pathname}${deep.search}`);
    await again.page.getByText('101–150 of 10,000 clusters').waitFor();
    expect(firstWords(await names(again.page))[0]).toBe('cluster-00100');

    // A page is drawn within a few frames, as the browser itself saw them.
    const longest = await page.evaluate<number>(`new Promise((resolve) => {
      let longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
      }).observe({ type: 'longtask' });
      document.querySelector('.pager-links a:last-child').click();
      setTimeout(() => resolve(longest), 3000);
    })`);
    expect(longest).toBeLessThan(250);
    expect(problems).toEqual([]);
  }, 90_000);
});

describe('what goes wrong', () => {
  it.each([
    [403, 'ForbiddenError', 'Not allowed.'],
    [404, 'NotFoundError', 'Not found.'],
    [502, 'PrometheusQueryError', 'Not available at the moment.'],
  ])(
    '%d is told with its code and the id of its request, and signs nobody out',
    async (code, type, title) => {
      system.server.interfere = refuse(code, type);
      await using opened = await open('/');
      const alert = opened.page.getByRole('alert').filter({ hasText: 'told by the test' });
      const text = await alert.innerText();
      for (const part of [title, String(code), type, 'r-1']) expect(text).toContain(part);
      await opened.page.getByRole('button', { name: 'Sign out' }).waitFor();
      system.server.interfere = null;
      await alert.getByRole('button', { name: 'Try again' }).click();
      await opened.page.locator('tbody tr').first().waitFor();
      expect(await opened.page.getByRole('alert').count()).toBe(0);
    },
    60_000,
  );

  it('429 is tried again when the API says, not before', async () => {
    const asked: number[] = [];
    const refusing = refuse(429, 'TooManyRequestsError', { 'retry-after': '3' });
    system.server.interfere = (request, response) => {
      if (request.url?.includes('limit=50') === true) asked.push(performance.now());
      return refusing(request, response);
    };
    await using opened = await open('/');
    await opened.page.getByText('Next try in 3 s').waitFor();
    await expectSoon(() => Promise.resolve(asked.length), 2);
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(2900);
    system.server.interfere = null;
    await opened.page.locator('tbody tr').first().waitFor();
  }, 60_000);

  it('keeps what it has while answers fail, and says so', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await page.locator('tbody tr').nth(4).waitFor();
    system.server.interfere = refuse(503, 'ServiceUnavailableError', { 'retry-after': '2' });
    await page.getByRole('alert').filter({ hasText: '503' }).waitFor({ timeout: 40_000 });
    expect(await page.locator('tbody tr').count()).toBe(5);
  }, 90_000);

  it('names the clusters while the store is away, with figures marked or absent', async () => {
    const { prometheus } = system.stack;
    await prometheus?.stop();
    try {
      await using opened = await open('/');
      await expectSoon(async () => (await names(opened.page)).length, 5);
      await opened.page.locator('.warnings').first().waitFor();
    } finally {
      await prometheus?.start();
    }
  }, 90_000);
});

describe.each(['light', 'dark'] as const)('for everybody, %s', (scheme) => {
  it.each([360, 1200, 1920])(
    'has no violation of axe, and fits into %d pixels',
    async (width) => {
      await using opened = await open('/', { scheme, width });
      await opened.page.locator('tbody tr').nth(4).waitFor();
      await opened.page.getByText('Live', { exact: true }).waitFor();
      expect(await violationsOf(opened.page)).toEqual([]);
      const across = await opened.page.evaluate<number>('document.documentElement.scrollWidth');
      expect(across).toBe(width);
      expect(opened.problems).toEqual([]);
    },
    60_000,
  );
});
