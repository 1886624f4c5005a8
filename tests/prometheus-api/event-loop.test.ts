import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestService } from '../metrics/support/service.js';
import { call, type Pairs } from './support/call.js';
import { jwtEnvironment, startNow } from './support/service.js';
import { cluster, end, start, startFleetStore, type FleetStore } from './support/store.js';

let store: FleetStore;
let service: TestService;
let headers: Record<string, string>;
beforeAll(async () => {
  store = await startFleetStore('3');
  service = await startNow(store.url, jwtEnvironment(store.stack));
  const ids = Array.from({ length: 999 }, (_, i) => `${cluster.slice(0, -4)}${i + 1000}`);
  const extra = { clusters: [cluster, ...ids] };
  const token = await store.stack.identity.mintToken({ permissions: ['cluster:view'], extra });
  headers = { authorization: `Bearer ${token}` };
  // What is compiled, read and fetched once is not counted.
  await ask('/prometheus', 'POST', '/query', [['query', 'count(temp)']]);
  await ask(`/clusters/${cluster}/prometheus`, 'GET', '/rules', []);
}, 300_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

const ask = (root: string, method: 'GET' | 'POST', path: string, own: Pairs) =>
  call(`${service.url}${root}`, path, own, { method, headers });

/** Fifty on a machine that does nothing else; so much that others at work do not decide, ms. */
const mostHeld = 250;

const many = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n));
const costly = (n: number) => `${'(.*|.*)'.repeat(120)}${'.?'.repeat(n)}`;
const all = (name: string, values: string[]): Pairs =>
  values.map((value) => [name, value] as const);

const hostile: [string, 'GET' | 'POST', string, Pairs][] = [
  [
    'patterns that match nothing',
    'POST',
    '/query',
    [['query', `{${many(18, (n) => `a=~"${costly(n)}"`).join(',')}}`]],
  ],
  [
    'patterns of clusters',
    'POST',
    '/query',
    [['query', many(15, (n) => `up{cluster=~"${costly(n)}"}`).join('+')]],
  ],
  ['many selectors', 'POST', '/query', [['query', Array(1200).fill('temp').join('+')]]],
  [
    'selectors one by one',
    'POST',
    '/series',
    all(
      'match[]',
      many(9000, (n) => `m${n}`),
    ),
  ],
  [
    'names of labels',
    'POST',
    '/labels',
    all(
      'match[]',
      many(250, (n) => `{a="b",c=~"${n}"}`),
    ),
  ],
  [
    'patterns of rules',
    'GET',
    '/rules',
    all(
      'match[]',
      many(15, (n) => `{cluster=~"${'(x|.)*'.repeat(20)}${n}"}`),
    ),
  ],
  ['a text to be printed', 'POST', '/format_query', [['query', Array(8000).fill('a').join('+')]]],
  ['what is no text at all', 'POST', '/query', [['query', '"\\'.repeat(8000)]]],
];

describe.each(['/prometheus', `/clusters/${cluster}/prometheus`])('below %s', (root) => {
  it.each(hostile)('nobody waits for one who asks for %s', async (_name, method, path, own) => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const { status } = await ask(root, method, path, [
      ...own,
      ['start', String(start)],
      ['end', String(end)],
    ]);
    // What held all of it is told by the next turn.
    await sleep(20);
    delay.disable();
    expect([200, 400, 422]).toContain(status);
    expect(delay.max / 1e6).toBeLessThan(mostHeld);
  });
});
