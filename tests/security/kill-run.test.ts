import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Stack } from '@bud-monitoring/stack';
import { createCallers } from './support/callers.js';
import { knownRequests } from './support/known-answers.js';
import {
  createBudCluster,
  isDuring,
  makeOutage,
  partsOf,
  rowOf,
  type Outage,
} from './support/outages.js';
import { startSystem } from './support/system.js';

/** `npm run test:kills` takes ten minutes and kills each part twice; the suite shows that the run itself works. */
const minutes = Number(process.env['KILL_MINUTES'] ?? '0.5');
const sidecars = ['bud-metrics', 'bud-dashboard'].slice(0, minutes < 5 ? 1 : 2);
/** Connections that ask again once they are answered: they bring the product to its capacity. */
const connections = 16;
/** Of that, what is asked for. */
const share = 0.8;

const budCluster = createBudCluster();
let stack: Stack;
beforeAll(async () => {
  stack = await startSystem(
    { LOG_LEVEL: 'error', METRICS_CACHE_TTL_SECONDS: '0' },
    { replicas: 2, secondsAhead: 60 * minutes + 600, startBudCluster: budCluster.begin },
  );
}, 180_000);
afterAll(() => stack.stop());

it(
  `${minutes} minutes at 80 % of capacity while every part is killed: nothing wrong, and errors only of what is away`,
  async () => {
    let failed: string | undefined;
    void stack.failed.then((reason) => (failed = reason));
    const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
    const callers = createCallers({ address: `${stack.gateway!.url}/api`, token });
    await callers.learn(knownRequests);
    await callers.closed({ connections, ms: 5000 });
    const perSecond = share * (await callers.closed({ connections, ms: 10_000 }));

    callers.reset();
    const load = callers.open(perSecond);
    const parts = sidecars.flatMap((sidecar) => partsOf(stack, budCluster.part, sidecar));
    const everyMs = (60_000 * minutes) / parts.length;
    const outages: Outage[] = [];
    for (const part of parts) {
      const next = sleep(everyMs);
      await sleep(everyMs / 5);
      outages.push(await makeOutage(part));
      await next;
    }
    await load.stop();

    const { answers, faults } = callers.seen;
    const errors = answers.filter(({ isError }) => isError);
    process.stderr.write(
      [
        `${minutes} minutes, ${perSecond.toFixed(0)} requests/s, ${answers.length} answers, ${errors.length} errors`,
        ...outages.map((outage) => rowOf(outage, errors)),
        '',
      ].join('\n'),
    );
    expect(faults.slice(0, 10)).toEqual([]);
    const unexcused = errors.filter((seen) => !outages.some((outage) => isDuring(outage, seen)));
    expect(unexcused.slice(0, 10)).toEqual([]);
    expect(answers.length).toBeGreaterThan(0.9 * perSecond * 60 * minutes);
    expect(failed).toBeUndefined();
    for (const [name, replica] of [
      ['bud-metrics', 0],
      ['bud-metrics', 1],
      ['bud-dashboard', 0],
    ] as const) {
      expect(stack.app(name, replica).process!.logs()).not.toMatch(
        /nobody caught|failed unexpectedly/,
      );
    }
  },
  60_000 * minutes + 180_000,
);
