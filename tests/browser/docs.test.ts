import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { chromium, type Browser } from 'playwright-core';

let browser: Browser;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ prometheus: true, gateway: true, apps: [service('metrics')] });
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
}, 180_000);
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

describe.each([
  ['a phone', { width: 375, height: 667 }],
  ['a desktop', { width: 1280, height: 800 }],
])('the page of the API on %s', (_what, viewport) => {
  it('shows every route, is no wider than the screen, and is allowed all that it does', async () => {
    const page = await browser.newPage({ viewport });
    const complaints: string[] = [];
    const asked = new Set<string>();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await page.goto(`${stack.gateway!.url}/api/metrics/docs`);
    await page.waitForSelector('.opblock');
    const response = await page.request.get(`${stack.gateway!.url}/api/metrics/openapi.json`);
    const { paths } = (await response.json()) as { paths: Record<string, object> };
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
    expect(await page.locator('.opblock').count()).toBe(operations.length);
    await page.locator('.opblock-summary-control').nth(1).click();
    await page.waitForSelector('.opblock-body .parameters');
    const width = 'document.documentElement.scrollWidth';
    expect(await page.evaluate<number>(width)).toBeLessThanOrEqual(viewport.width);
    expect(complaints).toEqual([]);
    expect([...asked].filter((origin) => !origin.startsWith('data'))).toEqual([stack.gateway!.url]);
    await page.close();
  }, 60_000);
});
