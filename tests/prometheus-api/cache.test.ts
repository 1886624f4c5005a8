import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startCountingProxy, type CountingProxy } from '../metrics/support/counting-proxy.js';
import type { TestService } from '../metrics/support/service.js';
import { apiOf, call, unordered, type Pairs } from './support/call.js';
import { jwtEnvironment, startNow } from './support/service.js';
import { cluster, end, other, startFleetStore, type FleetStore } from './support/store.js';
import { until } from './support/until.js';

let store: FleetStore;
let proxy: CountingProxy;
let service: TestService;
let api: string;
beforeAll(async () => {
  store = await startFleetStore('system');
}, 300_000);
afterAll(async () => store[Symbol.asyncDispose]());
beforeEach(async () => {
  proxy = await startCountingProxy(store.url);
  service = await startNow(proxy.url);
  service.now = end;
  api = apiOf(service.url);
  await call(api, '/query', [['query', '1']]);
  proxy.requests.length = proxy.forms.length = 0;
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

const query = 'sum by (instance) (temp)';
const instant: Pairs = [['query', query]];
const range = (from: number, to: number, text = query): Pairs => [
  ...[['query', text] as const, ['step', '30'] as const],
  ...[['start', String(from)] as const, ['end', String(to)] as const],
];

/** How an answer came about. */
async function provenance(path: string, own: Pairs, url = api): Promise<string> {
  const { headers } = await call(url, path, own);
  return `${headers.get('x-cache') ?? ''}: ${headers.get('x-cache-reason') ?? ''}`;
}

/** Spans of the range queries that the store was asked since the last time. */
function spans(): [number, number][] {
  const asked = proxy.forms.filter((_form, index) => proxy.requests[index]?.endsWith('_range'));
  proxy.requests.length = proxy.forms.length = 0;
  return asked.map((form) => [Number(form.get('start')) - end, Number(form.get('end')) - end]);
}

describe('X-Cache', () => {
  it('says of an instant query that it was asked, and then kept for a few seconds', async () => {
    expect(await provenance('/query', instant)).toBe('miss: nothing is kept of it');
    service.now += 4;
    expect(await provenance('/query', instant)).toBe('hit: kept for 4 s');
    service.now += 2;
    expect(await provenance('/query', instant)).toBe('miss: nothing is kept of it');
    expect(proxy.requests).toHaveLength(2);
  });

  it('says of a range how much of it was fetched: only what had not settled', async () => {
    expect(await provenance('/query_range', range(end - 3000, end))).toBe(
      'miss: nothing is kept of it',
    );
    expect(spans()).toEqual([[-3000, 0]]);
    service.now += 60;
    expect(await provenance('/query_range', range(end - 2940, end + 60))).toBe(
      'partial: 22 points were fetched',
    );
    expect(spans()).toEqual([[-570, 60]]);
    expect(await provenance('/query_range', range(end - 2700, end - 900))).toBe(
      'hit: all points are kept',
    );
    expect(spans()).toEqual([]);
    expect(await provenance('/query_range', range(end - 3300, end - 900))).toBe(
      'partial: 10 points were fetched',
    );
    expect(spans()).toEqual([[-3300, -3030]]);
  });

  it.each([
    ['start()', 'temp + on () group_left () scalar(temp @ start())', 'the query has an @ modifier'],
    ['a comment', 'temp # mine', 'the query has a comment'],
  ])('says why nothing is kept of a query: %s', async (_name, text, reason) => {
    const own = range(end - 600, end, text);
    expect(await provenance('/query_range', own)).toBe(`bypass: ${reason}`);
  });

  it('is a bypass where the store was not asked', async () => {
    expect(await provenance('/query', [['query', 'up{']])).toMatch(/^bypass: not answered/);
    expect(await provenance('/nowhere', [])).toBe(': ');
  });
});

describe('what is kept', () => {
  it('together with what is fetched is what the store says of the whole', async () => {
    await call(api, '/query_range', range(end - 3000, end - 300));
    service.now += 60;
    const own = range(end - 3300, end);
    const answer = await call(api, '/query_range', own);
    expect(answer.headers.get('x-cache')).toBe('partial');
    const text = `sum by (instance) (temp{cluster="${cluster}"})`;
    const direct = await call(store.url, '/query_range', range(end - 3300, end, text));
    expect(unordered(answer.body.data)).toEqual(unordered(direct.body.data));
  });

  it('is never given to another cluster, nor to who may see less of it', async () => {
    await using guarded = await startNow(proxy.url, jwtEnvironment(store.stack));
    const tokenOf = (namespaces?: string[]) =>
      store.stack.identity.mintToken({
        permissions: ['cluster:view'],
        ...(namespaces && { namespaces }),
      });
    const own: Pairs = [
      ['query', 'count by (namespace, cluster) (temp)'],
      ['time', String(end)],
    ];
    const ask = async (id: string, token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await call(apiOf(guarded.url, id), '/query', own, { headers });
      const { result } = answer.body.data as { result: { metric: Record<string, string> }[] };
      const seen = result.map(
        ({ metric }) => `${metric['cluster'] ?? ''} ${metric['namespace'] ?? ''}`,
      );
      return { cache: answer.headers.get('x-cache'), seen: seen.sort() };
    };
    const [all, some] = [await tokenOf(), await tokenOf(['b'])];
    const wholly = (id: string) => ['a', 'b', 'c'].map((namespace) => `${id} ${namespace}`);
    expect(await ask(cluster, all)).toEqual({ cache: 'miss', seen: wholly(cluster) });
    expect(await ask(cluster, some)).toEqual({ cache: 'miss', seen: [`${cluster} b`] });
    expect(await ask(other, all)).toEqual({ cache: 'miss', seen: wholly(other) });
    expect(await ask(cluster, all)).toEqual({ cache: 'hit', seen: wholly(cluster) });
    expect(await ask(cluster, some)).toEqual({ cache: 'hit', seen: [`${cluster} b`] });
  });

  it('is an error of the query, for a moment, and none of the store', async () => {
    const wrong: Pairs = [
      ['query', 'temp + on (job) temp'],
      ['time', String(end - 600)],
    ];
    const first = await call(api, '/query', wrong);
    expect([first.status, first.body.errorType]).toEqual([422, 'execution']);
    const again = await call(api, '/query', wrong);
    expect([again.status, again.headers.get('x-cache'), again.text]).toEqual([
      422,
      'hit',
      first.text,
    ]);
    expect(proxy.requests).toHaveLength(1);
  });
});

describe('who asks the same at the same time', () => {
  /** Holds the store back until it is let go. */
  function hold(): () => void {
    const gate = new EventTarget();
    proxy.wait = async () => {
      await once(gate, 'open');
    };
    return () => {
      proxy.wait = () => Promise.resolve();
      gate.dispatchEvent(new Event('open'));
    };
  }

  it('is one request to the store, whatever they ask by', async () => {
    const letGo = hold();
    const asked = Array.from({ length: 100 }, (_, index) =>
      call(api, '/query', instant, { method: index % 2 === 0 ? 'GET' : 'POST' }),
    );
    await until(() => proxy.requests.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    letGo();
    const answers = await Promise.all(asked);
    expect(proxy.requests).toHaveLength(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const how = answers.map(({ headers }) => headers.get('x-cache') ?? '');
    expect(how.sort().join(' ')).toBe(`${'hit '.repeat(99)}miss`);
    expect(answers.map(({ headers }) => headers.get('x-cache-reason'))).toContain(
      'asked by another too',
    );
  });

  it('ends at the store when the only one hangs up', async () => {
    hold();
    const leaving = new AbortController();
    const asked = call(api, '/query', instant, { signal: leaving.signal });
    await until(() => proxy.requests.length === 1);
    expect(proxy.left).toBe(0);
    leaving.abort();
    await expect(asked).rejects.toThrow(/abort/);
    await until(() => proxy.left === 1);
  });

  it('goes on for the other when one of two hangs up', async () => {
    const letGo = hold();
    const leaving = new AbortController();
    const gone = call(api, '/query', instant, { signal: leaving.signal });
    await until(() => proxy.requests.length === 1);
    const stays = call(api, '/query', instant);
    await new Promise((resolve) => setTimeout(resolve, 300));
    leaving.abort();
    await expect(gone).rejects.toThrow(/abort/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(proxy.left).toBe(0);
    letGo();
    expect((await stays).status).toBe(200);
    expect(proxy.requests).toHaveLength(1);
  });

  it('is counted, as are hits and refusals', async () => {
    await call(api, '/query', instant);
    await call(api, '/query', instant);
    await call(api, '/query', [['query', `up{cluster="${other}"}`]]);
    await call(api, '/query', [
      ['query', 'up'],
      ['time', 'soon'],
    ]);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    const count = (outcome: string) =>
      new RegExp(
        `bud_metrics_scoped_answers_total\\{path="/query",outcome="${outcome}"\\} (\\d+)`,
      ).exec(metrics)?.[1];
    expect([count('miss'), count('hit'), count('refused')]).toEqual(['3', '1', '1']);
    expect(metrics).toMatch(/bud_metrics_store_requests_total\{kind="api_query"\} 3/);
    expect(metrics).toMatch(/bud_metrics_scoped_cache_bytes [1-9]/);
  });
});

describe('explain', () => {
  it('tells what becomes of a query and what it costs', async () => {
    const path = `/clusters/${cluster}/queries/explain?query=`;
    const told = await service.get(
      `${path}${encodeURIComponent('sum by (mode) (temp) + on () group_left () nowhere')}`,
    );
    expect([told.status, told.body.object]).toEqual([200, 'cluster.query-explanation']);
    const scoped = `sum by (mode) (temp{cluster="${cluster}"}) + on () group_left () nowhere{cluster="${cluster}"}`;
    expect(told.body.data).toMatchObject({
      scoped_query: scoped,
      refused: null,
      query_metrics: 1,
      result_count: 0,
      slow: false,
      cluster_metrics: expect.any(Number),
    });
    const { body } = await service.get(`${path}${encodeURIComponent(`up{cluster="${other}"}`)}`);
    expect(body.data).toMatchObject({
      scoped_query: null,
      result_count: null,
      refused: { position: 3, reason: expect.stringMatching(/cluster/) },
    });
  });

  it('and the log tell of a query that took the store more than five seconds', async () => {
    const lines: string[] = [];
    await using slow = await startNow(proxy.url, {}, (line) => lines.push(line));
    const path = `/clusters/${cluster}/queries/explain?query=${encodeURIComponent(query)}`;
    expect((await slow.get(path)).body.data).toMatchObject({ slow: false });
    proxy.wait = () => {
      slow.now += 6; // of the clock that the service looks at
      return Promise.resolve();
    };
    await call(apiOf(slow.url), '/query', [...instant, ['time', String(end)]]);
    const told = lines.filter((line) => line.includes('slow query'));
    expect(told.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: 'slow query',
        clusterId: cluster,
        query,
        seconds: 6,
      }),
    ]);
    const { data } = (await slow.get(path)).body as { data: { execution_time_seconds: number } };
    expect(data).toMatchObject({ slow: true });
    expect(data.execution_time_seconds).toBeGreaterThanOrEqual(6);
  });
});
