import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startCountingProxy, type CountingProxy } from '../metrics/support/counting-proxy.js';
import type { TestService } from '../metrics/support/service.js';
import { hostileTexts } from '../property/hostile.js';
import { apiOf, call, type Said } from './support/call.js';
import { startNow } from './support/service.js';
import { cluster, end, other, start, startFleetStore, type FleetStore } from './support/store.js';

const file = new URL('../../packages/promql/src/testdata/attacks.json', import.meta.url);
const attacks = JSON.parse(readFileSync(file, 'utf8')) as { query: string }[];
const generated = fc.sample(hostileTexts, { numRuns: 600, seed: 5 });
const texts = [
  ...attacks.map(({ query }) => query.replaceAll('"me"', `"${cluster}"`)),
  ...generated,
];

let store: FleetStore;
let proxy: CountingProxy;
let service: TestService;
beforeAll(async () => {
  store = await startFleetStore('3');
  proxy = await startCountingProxy(store.url);
  service = await startNow(proxy.url);
  await call(apiOf(service.url), '/labels');
}, 300_000);
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

const span = [
  ['start', String(start)],
  ['end', String(end)],
] as const;

/** A Prometheus answer or refusal, and nothing that only another cluster has. */
function expectHarmless({ status, body, text: answer }: Said) {
  expect([200, 400, 422]).toContain(status);
  if (status === 200) {
    expect(body.status).toBe('success');
    expect(answer).not.toMatch(new RegExp(`"${other}"|${cluster}-b|${cluster.toUpperCase()}`));
  } else {
    expect(body).toEqual({
      status: 'error',
      errorType: expect.any(String),
      error: expect.any(String),
    });
  }
}

describe('hostile texts', () => {
  it('as a query are refused, or reach the store with the cluster on every selector', async () => {
    proxy.forms.length = proxy.requests.length = 0;
    const counts: Record<number, number> = {};
    for (const text of texts) {
      const said = await call(
        apiOf(service.url),
        '/query',
        [
          ['query', text],
          ['time', String(end)],
        ],
        { method: 'POST' },
      );
      expectHarmless(said);
      counts[said.status] = (counts[said.status] ?? 0) + 1;
    }
    const sent = proxy.forms.flatMap((form, index) =>
      proxy.requests[index] === '/api/v1/query' ? [form.get('query') ?? ''] : [],
    );
    expect(new Set(proxy.requests)).toEqual(new Set(['/api/v1/query', '/api/v1/format_query']));
    let selectors = 0;
    for (const query of sent) {
      const { body } = await call(store.url, '/parse_query', [['query', query]], {
        method: 'POST',
      });
      for (const matchers of matchersIn(body.data)) {
        selectors += 1;
        expect(matchers).toContainEqual({ name: 'cluster', type: '=', value: cluster });
      }
    }
    expect(selectors).toBeGreaterThan(100);
    expect(counts[200]).toBeGreaterThan(20);
    expect(counts[400]).toBeGreaterThan(20);
    expect(counts[422]).toBeGreaterThan(20);
  }, 120_000);

  it('as selectors are refused, or reach the store with the cluster', async () => {
    proxy.forms.length = proxy.requests.length = 0;
    for (const text of texts.slice(0, 300)) {
      for (const path of ['/series', '/label/__name__/values']) {
        expectHarmless(await call(apiOf(service.url), path, [['match[]', text], ...span]));
      }
    }
    const sent = proxy.forms.flatMap((form, index) =>
      proxy.requests[index] === '/api/v1/format_query' ? [] : form.getAll('match[]'),
    );
    for (const match of sent) expect(match).toContain(`cluster="${cluster}"`);
    expect(sent.length).toBeGreaterThan(20);
  }, 120_000);

  it.each(texts.slice(0, 40))(
    'as the name of a label are one segment of a path: %s',
    async (text) => {
      proxy.forms.length = proxy.requests.length = 0;
      const path = `/label/${encodeURIComponent(text)}/values`;
      const said = await call(apiOf(service.url), path, span);
      expectHarmless(said);
      for (const [index, form] of proxy.forms.entries()) {
        expect(proxy.requests[index]).toMatch(/^\/api\/v1\/label\/[^/]+\/values$/);
        expect(form.getAll('match[]')).toEqual([`{cluster="${cluster}"}`]);
      }
    },
  );
});

/** Every list of matchers in a tree of the parse_query route. */
function* matchersIn(node: unknown): Generator<unknown[]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'matchers' && Array.isArray(value)) yield value;
    else yield* matchersIn(value);
  }
}
