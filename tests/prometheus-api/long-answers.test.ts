import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestService } from '../metrics/support/service.js';
import { startNow } from './support/service.js';

const clusters = 100;
const rulesOfEach = 150;
const idOf = (n: number) => `cluster-${n}`;

const alert = (n: number) => ({ labels: { cluster: idOf(n % clusters) }, state: 'firing' });
const groups = Array.from({ length: clusters }, (_, n) => ({
  name: `group ${n}`,
  rules: Array.from({ length: rulesOfEach }, (_, of) => ({
    name: `rule ${of}`,
    query: `sum by (node) (rate(work_total{cluster="${idOf(n)}"}[5m])) > ${of}`,
    labels: { cluster: idOf(n), severity: 'critical' },
    annotations: { summary: `Work on "${of}" takes long. `.repeat(8) },
    // One rule may have more alerts than there are rules.
    alerts: n === 0 && of === 0 ? Array.from({ length: 15_000 }, (_, k) => alert(k)) : [],
    type: 'alerting',
  })),
}));
const families = Array.from({ length: 15_000 }, (_, n) => `family_${n}`);
const metadata = families.map((name) => [name, [{ type: 'gauge', help: 'Of much. '.repeat(20) }]]);
const [first] = groups;

const ok = (data: unknown) => Buffer.from(JSON.stringify({ status: 'success', data }));
const answers: [string, Buffer][] = [
  ['/rules', ok({ groups })],
  ['/alerts', ok({ alerts: first?.rules[0]?.alerts })],
  ['/metadata', ok(Object.fromEntries(metadata))],
  ['/label/', ok(families)],
  ['/', ok({ resultType: 'vector', result: [{ metric: {}, value: [0, '1'] }] })],
];
const store = createServer((request, response) => {
  const path = request.url?.replace('/api/v1', '') ?? '';
  const found = answers.find(([begin]) => path.startsWith(begin));
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(found?.[1]);
});

let service: TestService;
beforeAll(async () => {
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  const { port } = store.address() as AddressInfo;
  const environment = { CLUSTER_ID_FORMAT: 'label', QUERY_MAX_SERIES: '10000' };
  service = await startNow(`http://127.0.0.1:${port}`, environment);
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  store.close();
});

/** The longest turn of the event loop, as a part of the time that an answer takes; in one go it is most of it. */
const mostHeld = 0.4;
/** So often it may be more: others at work hold it too, and the store of the test does. */
const tries = 3;

/** Asks, and tells which part of the time until the answer begins the longest turn of the event loop was. */
async function ask(url: string): Promise<{ held: number; status: number; text: string }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const begin = performance.now();
  delay.enable();
  const response = await fetch(url);
  const took = performance.now() - begin;
  // What held all of it is told by the next turn.
  await sleep(20);
  delay.disable();
  const held = delay.max / 1e6 / took;
  return { held, status: response.status, text: await response.text() };
}

describe.each(['/prometheus', `/clusters/${idOf(7)}/prometheus`])('below %s', (root) => {
  const isFleet = root === '/prometheus';
  it.each([
    ['/rules', 'summary', clusters * rulesOfEach, rulesOfEach + 1],
    ['/alerts', 'state', 15_000, 150],
    ['/metadata', 'type', 10_000, 10_000],
  ])(
    'nobody waits for who asks for a long answer of %s',
    async (path, key, ofAll, ofOne) => {
      let least = Infinity;
      for (let n = 0; n < tries && least > mostHeld; n += 1) {
        const { held, status, text } = await ask(`${service.url}${root}/api/v1${path}`);
        expect(status).toBe(200);
        expect(text.split(`"${key}":`).length - 1).toBe(isFleet ? ofAll : ofOne);
        least = Math.min(least, held);
      }
      expect(least).toBeLessThan(mostHeld);
    },
    120_000,
  );
});
