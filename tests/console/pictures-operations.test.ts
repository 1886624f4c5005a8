import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDapr, type Dapr } from '@bud-monitoring/client/dapr';
import { topics } from '@bud-monitoring/contracts';
import type { Stack } from '@bud-monitoring/stack';
import type { Browser } from 'playwright-core';
import { createEchoApp } from '../support/echo-app.js';
import { usePictures } from './support/use-pictures.js';
import { useStack } from './support/use-stack.js';
import { signedIn, type Visitor } from './support/visitor.js';

const takePicture = usePictures();
let browser: Browser;
let stack: Stack;
let dapr: Dapr;
useStack(
  (started, its) => {
    [browser, stack] = [started, its];
  },
  [createEchoApp('bud-cluster')],
);
const names = ['production-east', 'production-west', 'staging-west', 'ml-training'];
const ids = new Map(names.map((name) => [name, randomUUID()]));
beforeAll(async () => {
  const { sidecar } = stack.app('bud-cluster');
  dapr = createDapr({ baseUrl: sidecar.url, apiToken: sidecar.apiToken });
  for (const [name, cluster_id] of ids)
    await dapr.publish('pubsub', topics.clusterCreated, { cluster_id, name });
  for (const cluster_id of ['cluster 7', 'production/east'])
    await dapr.publish('pubsub', topics.clusterCreated, { cluster_id, name: 'edge-north' });
});
afterAll(() => dapr.stop());

it.each([
  { name: 'provisioning', path: '/provisioning', shows: 'Ready', times: names.length },
  {
    name: 'links',
    path: `/provisioning/${ids.get('ml-training') ?? ''}`,
    shows: 'a public link without an end',
    times: 1,
  },
  { name: 'dead-letters', path: '/dead-letters', shows: topics.clusterCreated, times: 2 },
  { name: 'health', path: '/health', shows: 'bud-dashboard', times: 1 },
])(
  'takes a small picture of $name',
  async ({ name, path, shows, times }) => {
    await using visitor = await signedIn(browser, stack, 'manager', path);
    await untilShown(visitor, shows, times);
    await takePicture(visitor.page, name);
    expect(visitor.complaints).toEqual([]);
  },
  90_000,
);

/** Opens the page anew until it shows a text so many times in its main part. */
async function untilShown({ page }: Visitor, text: string, times: number): Promise<void> {
  const shown = page.locator('main').getByText(text, { exact: true });
  for (let tries = 0; tries < 20 && (await shown.count()) < times; tries += 1) {
    await page.waitForTimeout(1000);
    if (tries % 5 === 4) await page.reload();
  }
  expect(await shown.count()).toBeGreaterThanOrEqual(times);
}
