import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorSchema } from '@bud-monitoring/contracts';
import type { Stack } from '@bud-monitoring/stack';
import { ours, startSystem } from './support/system.js';

let stack: Stack;
let headers: Record<string, string>;
beforeAll(async () => {
  stack = await startSystem({ LOG_LEVEL: 'error', METRICS_CACHE_TTL_SECONDS: '0' });
  const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
  headers = { authorization: `Bearer ${token}` };
}, 180_000);
afterAll(() => stack.stop());

/** Answers of different sizes, of the store and of our own. */
const paths = [
  `/clusters/${ours}/metrics?time_range=10min`,
  `/clusters/${ours}/metrics?time_range=today&series=true`,
  `/clusters/${ours}/alert-thresholds`,
  `/clusters/${ours}/prometheus/api/v1/query?query=up`,
  '/clusters',
];

/** What is wrong with an answer: neither a success with its body nor an error of ours that says to come again. */
async function faultOf(path: string): Promise<string | undefined> {
  const url = `${stack.gateway!.url}/api${path}`;
  const response = await fetch(url, { headers }).catch(() => null);
  if (response === null) return `${path}: the gateway broke off`;
  const { status } = response;
  const text = await response.text();
  const said = `${path}: ${status} ${text.slice(0, 200)}`;
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    if (status === 200) return 'data' in body ? undefined : said;
    if (![502, 503, 504].includes(status) || !response.headers.has('retry-after')) return said;
    if (path.includes('/prometheus/')) return body['status'] === 'error' ? undefined : said;
    return errorSchema.safeParse(body).success ? undefined : said;
  } catch {
    return said;
  }
}

describe.each(['SIGKILL', 'SIGTERM'] as const)(
  'while bud-metrics is ended by %s under load',
  (signal) => {
    it('every answer through the gateway is whole, or an error of ours', async () => {
      const app = stack.app('bud-metrics').process!;
      const faults: string[] = [];
      let answers = 0;
      let isOver = false;
      const caller = async (index: number) => {
        for (let turn = index; !isOver; turn += 1) {
          const fault = await faultOf(paths[turn % paths.length]!);
          answers += 1;
          if (fault !== undefined) faults.push(fault);
        }
      };
      const callers = Array.from({ length: 64 }, (_, index) => caller(index));
      for (let kill = 0; kill < 5; kill += 1) {
        await sleep(500 + 40 * kill);
        await app.stop(signal);
        await sleep(100);
        await app.start();
      }
      await sleep(500);
      isOver = true;
      await Promise.all(callers);
      expect(faults).toEqual([]);
      expect(answers).toBeGreaterThan(200);
    }, 180_000);
  },
);

describe('while Redis is away', () => {
  const ask = async (path: string) => {
    const began = performance.now();
    const response = await fetch(`${stack.gateway!.url}/api${path}`, { headers });
    await response.arrayBuffer();
    return { status: response.status, seconds: (performance.now() - began) / 1000 };
  };
  const thresholds = `/clusters/${ours}/alert-thresholds`;

  it('what needs it is an error at once, and all else is answered', async () => {
    for (const path of paths) await ask(path);
    await stack.redis!.stop('SIGKILL');
    try {
      // The first of them wait for what daprd still tries.
      await Promise.all([ask(thresholds), ask(thresholds), ask(thresholds)]);
      for (const path of paths) {
        const { status, seconds } = await ask(path);
        expect([path, status]).toEqual([path, path === thresholds ? 503 : 200]);
        // Each took six seconds or more when it waited.
        expect(seconds).toBeLessThan(4);
      }
    } finally {
      await stack.redis!.start();
    }
    await sleep(2_000);
    expect(await ask(thresholds)).toMatchObject({ status: 200 });
  }, 60_000);
});
