import { afterAll, beforeAll } from '@jest/globals';
import { service, startStack, type AppOptions, type Stack } from '@bud-monitoring/stack';
import type { Browser } from 'playwright-core';
import { startConsoleStack, type ConsoleStack } from './console-stack.js';
import { startBrowser } from './pages.js';

/** Both services without a cluster, the console as it is served, and who signs in at the development issuer. */
export function useStack(
  take: (browser: Browser, stack: Stack) => void,
  apps: readonly AppOptions[] = [],
): void {
  const start = () =>
    startStack({
      prometheus: true,
      grafana: true,
      gateway: { console: {} },
      apps: [service('metrics'), service('dashboard'), ...apps],
    });
  useWithBrowser(start, take, (stack) => stack.stop());
}

/** Both services with the fleet of the demo, and who brings a token. */
export function useConsoleStack(take: (browser: Browser, system: ConsoleStack) => void): void {
  useWithBrowser(startConsoleStack, take, (system) => system[Symbol.asyncDispose]());
}

/** A system and a browser for all tests of a file. */
function useWithBrowser<System>(
  start: () => Promise<System>,
  take: (browser: Browser, system: System) => void,
  stop: (system: System) => PromiseLike<void>,
): void {
  let browser: Browser | undefined;
  let system: System | undefined;
  beforeAll(async () => {
    [system, browser] = await Promise.all([start(), startBrowser()]);
    take(browser, system);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    if (system !== undefined) await stop(system);
  });
}
