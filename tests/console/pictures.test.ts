import { beforeAll, expect, it } from '@jest/globals';
import type { FleetList } from '@bud-monitoring/contracts';
import type { Browser } from 'playwright-core';
import type { ConsoleStack } from './support/console-stack.js';
import { openConsole, type Look } from './support/pages.js';
import { usePictures } from './support/use-pictures.js';
import { useConsoleStack } from './support/use-stack.js';

const takePicture = usePictures();
let system: ConsoleStack;
let browser: Browser;
useConsoleStack((started, its) => {
  [browser, system] = [started, its];
});
beforeAll(async () => {
  // The incidents of the fleet take a moment to fire.
  const firing = async () => {
    const { clusters } = await system.api<FleetList>('/clusters');
    return clusters.some(({ state }) => state === 'critical');
  };
  for (let tries = 0; tries < 60 && !(await firing()); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 2000));
}, 150_000);

interface Shot extends Look {
  name: string;
  cluster?: string;
  tab?: string;
  /** What is there when the page is complete. */
  shows: string;
}

const shots: readonly Shot[] = [
  { name: 'fleet', shows: '.fleet-table .share' },
  { name: 'cluster', cluster: 'ml-training', tab: 'overview', shows: '.chart svg' },
  { name: 'nodes', cluster: 'production-east', tab: 'nodes', shows: 'tbody .status' },
  { name: 'gpus', cluster: 'ml-training', tab: 'gpus', shows: 'tbody .share' },
  { name: 'power', cluster: 'production-east', tab: 'power', shows: 'tbody' },
  { name: 'alerts', cluster: 'production-east', tab: 'alerts', shows: '.threshold-table' },
  { name: 'dashboards', cluster: 'staging-west', tab: 'dashboards', shows: 'iframe' },
  { name: 'phone', shows: '.fleet-table .share', width: 390, scheme: 'dark' },
];

it.each(shots)(
  'takes a small picture of $name',
  async ({ name, cluster, tab, shows, ...look }) => {
    const id = system.fleet.clusters.find((one) => one.name === cluster)?.id;
    // The store has this and the time before, which it is compared with; its newest samples are of times to come.
    const now = Math.floor(Date.now() / 1000);
    const [from, to] = [now - 5000, now - 600].map((at) => new Date(at * 1000).toISOString());
    const hasRange = tab !== 'alerts' && tab !== 'dashboards';
    const range = hasRange && tab !== 'nodes' ? `&from=${from}&to=${to}` : '';
    const path = id === undefined ? '/' : `/clusters/${id}?tab=${tab}${range}`;
    await using opened = await openConsole(browser, system, path, look);
    const { page, problems } = opened;
    await page.locator(shows).first().waitFor();
    await takePicture(page, name, look.width);
    expect(problems).toEqual([]);
  },
  60_000,
);
