import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCountingProxy } from '../metrics/support/counting-proxy.js';
import type { TestService } from '../metrics/support/service.js';
import { rawRequest } from '../support/raw-request.js';
import { apiOf, call, type CallOptions, type Pairs } from './support/call.js';
import { jwtEnvironment, startNow } from './support/service.js';
import { cluster, end, other, start, startFleetStore, type FleetStore } from './support/store.js';
import { until } from './support/until.js';

const span: Pairs = [
  ['start', String(start)],
  ['end', String(end)],
];
const anything: Pairs = [['query', 'up']];

let store: FleetStore;
beforeAll(async () => {
  store = await startFleetStore('3');
}, 300_000);
afterAll(async () => store[Symbol.asyncDispose]());

/** What is said to a call that is refused: status, `errorType` and the sentence; no more than these. */
async function refusal(url: string, path: string, own: Pairs, options: CallOptions = {}) {
  const { status, headers, body } = await call(url, path, own, options);
  const { error, errorType, ...rest } = body;
  expect(rest).toEqual({ status: 'error' });
  expect(headers.get('content-type')).toContain('application/json');
  expect(error).not.toMatch(/127\.0\.0\.1|localhost|node_modules|\bat \w+ \(/);
  return { status, errorType, error: error ?? '', headers };
}

describe('who asks', () => {
  let service: TestService;
  let api: string;
  beforeAll(async () => {
    service = await startNow(store.url, jwtEnvironment(store.stack));
    api = apiOf(service.url);
  });
  afterAll(async () => service[Symbol.asyncDispose]());

  const tokens: readonly [
    string,
    Parameters<FleetStore['stack']['identity']['mintToken']>[0] | null,
    number,
    string,
  ][] = [
    ['nobody', null, 401, 'unauthorized'],
    [
      'one whose token is over',
      { permissions: ['cluster:view'], expiresIn: '-1h' },
      401,
      'unauthorized',
    ],
    ['one who may read nothing', { permissions: [] }, 403, 'forbidden'],
    [
      'one of another cluster',
      { permissions: ['cluster:view'], clusters: [other] },
      403,
      'forbidden',
    ],
    ['one of no cluster', { permissions: ['cluster:view'], clusters: [] }, 403, 'forbidden'],
  ];

  it.each(tokens)('%s is refused on every path', async (_name, claims, status, errorType) => {
    const token = claims && (await store.stack.identity.mintToken(claims));
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    for (const path of paths) {
      const said = await refusal(api, path, anything, { headers });
      expect({ path, ...said }).toMatchObject({ path, status, errorType });
    }
  });

  it('one of the cluster is answered, of a namespace with what is in it', async () => {
    const ask = async (namespaces?: string[]) => {
      const token = await store.stack.identity.mintToken({
        permissions: ['cluster:view'],
        clusters: [cluster],
        ...(namespaces && { namespaces }),
      });
      const parameters: Pairs = [['match[]', 'up'], ...span];
      const headers = { authorization: `Bearer ${token}` };
      const { body } = await call(api, '/series', parameters, { headers });
      return (body.data as Record<string, string>[]).map(({ namespace }) => namespace).sort();
    };
    expect(await ask()).toEqual(['a', 'b', 'c']);
    expect(await ask(['b'])).toEqual(['b']);
    expect(await ask([])).toEqual([]);
  });
});

const paths = [
  ...['/query', '/query_range', '/query_exemplars', '/series', '/labels', '/label/job/values'],
  ...['/metadata', '/rules', '/alerts', '/format_query', '/status/buildinfo'],
];

describe('what is asked', () => {
  let service: TestService;
  let api: string;
  beforeAll(async () => {
    service = await startNow(store.url, {
      QUERY_MAX_POINTS: '100',
      QUERY_MAX_RANGE: '2h',
      QUERY_MAX_LENGTH: '1000',
      QUERY_MAX_SERIES: '4',
      QUERY_MAX_ANSWER_MIB: '1',
    });
    api = apiOf(service.url);
  });
  afterAll(async () => service[Symbol.asyncDispose]());

  const stepped: Pairs = [...anything, ...span, ['step', '60']];
  const set = (name: string, value: string): Pairs => [
    ...stepped.filter(([other]) => other !== name),
    [name, value],
  ];
  const long = `up{pod=~"${'x'.repeat(1000)}"}`;

  it.each<[string, string, Pairs, number, string, RegExp]>([
    ['an unknown path', '/admin/tsdb/snapshot', [], 404, 'not_found', /nothing at this path/],
    ['a path of the store that is not offered', '/status/config', [], 404, 'not_found', /nothing/],
    ['the targets of the store', '/targets', [], 404, 'not_found', /nothing/],
    ['remote read', '/read', [], 404, 'not_found', /nothing/],
    ['no query', '/query', [], 400, 'bad_data', /no expression found in input/],
    ['two queries', '/query', [...anything, ...anything], 400, 'bad_data', /query.*only once/],
    ['what is no PromQL', '/query', [['query', 'sum(']], 400, 'bad_data', /parse error/],
    ['a broken selector', '/series', [['match[]', '{']], 400, 'bad_data', /match\[\]/],
    ['no selector', '/series', [], 400, 'bad_data', /no match\[\] parameter/],
    [
      'a wrong time',
      '/query',
      [...anything, ['time', 'soon']],
      400,
      'bad_data',
      /invalid time value/,
    ],
    ['a wrong start', '/query_range', set('start', '1e99'), 400, 'bad_data', /start/],
    ['an end before the start', '/query_range', set('end', '1'), 400, 'bad_data', /end/],
    ['no step', '/query_range', set('step', ''), 400, 'bad_data', /"step": cannot parse ""/],
    [
      'a step of nothing',
      '/query_range',
      set('step', '0'),
      400,
      'bad_data',
      /"step": zero or negative/,
    ],
    ['a wrong limit', '/labels', [['limit', 'all']], 400, 'bad_data', /"limit": .*invalid syntax/],
    [
      'a wrong timeout',
      '/query',
      [...anything, ['timeout', 'x']],
      400,
      'bad_data',
      /"timeout": cannot parse "x"/,
    ],
    [
      'another cluster',
      '/query',
      [['query', `up{cluster="${other}"}`]],
      422,
      'execution',
      /cluster/,
    ],
    [
      'another in a series',
      '/series',
      [['match[]', `{cluster="${other}"}`]],
      422,
      'execution',
      /cluster/,
    ],
    [
      'one more cluster',
      '/query',
      [['query', `up{cluster=~"${cluster}|x"}`]],
      422,
      'execution',
      /cluster/,
    ],
    ['info()', '/query', [['query', 'info(up)']], 422, 'execution', /info/],
    [
      'too many points',
      '/query_range',
      set('step', '1'),
      422,
      'execution',
      /3601 points.*at most 100.*step of 37 s/,
    ],
    [
      'too long a range',
      '/query_range',
      set('start', String(end - 86_400)),
      422,
      'execution',
      /1 days.*at most 0.1/,
    ],
    ['too long a query', '/query', [['query', long]], 422, 'execution', /1000/],
  ])('%s', async (_name, path, own, status, errorType, sentence) => {
    const said = await refusal(api, path, own);
    expect(said).toMatchObject({ status, errorType, error: expect.stringMatching(sentence) });
  });

  it.each(['nothing-of-a-cluster', '00000000-0000-4000-8000-00000000dead'])(
    'a cluster that there is not: %s',
    async (id) => {
      const isNone = !id.startsWith('0000');
      const said = await refusal(apiOf(service.url, id), '/query', anything);
      expect(said).toMatchObject(
        isNone
          ? { status: 400, errorType: 'bad_data' }
          : { status: 404, errorType: 'not_found', error: 'Cluster not found' },
      );
    },
  );

  it.each([
    ['PUT', '/query', 405],
    ['DELETE', '/series', 405],
    ['POST', '/metadata', 405],
    ['POST', '/admin/tsdb/delete_series', 404],
    ['GET', '/label/%ff/values', 400],
    ['GET', `/../../../../clusters/${other}/prometheus/api/v1/labels`, 404],
    ['GET', '/label/../labels', 404],
    ['GET', '/Query?query=up', 404],
    ['GET', '/query/?query=up', 404],
  ])('the wrong method or spelling: %s %s', async (method, path, status) => {
    const prefix = new URL(`${api}/api/v1`).pathname;
    const answer = await rawRequest(service.url, `${prefix}${path}`, { method });
    const body = JSON.parse(answer.body) as object;
    expect([answer.status, Object.keys(body).sort()]).toEqual([
      status,
      ['error', 'errorType', 'status'],
    ]);
  });

  it.each([
    ['a body of another type', { 'content-type': 'application/json' }, '{}', 415],
    ['a packed form', { 'content-encoding': 'gzip' }, 'x', 415],
    ['a form of two megabytes', {}, `query=${'x'.repeat(2 ** 21)}`, 413],
  ])('%s', async (_name, headers, body, status) => {
    const answer = await fetch(`${api}/api/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
    });
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { status: 'error', errorType: 'bad_data', error: expect.any(String) },
    ]);
  });

  it('a form that says it is not packed is read', async () => {
    const answer = await fetch(`${api}/api/v1/query`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-encoding': 'Identity',
      },
      body: 'query=up',
    });
    expect(answer.status).toBe(200);
  });

  it('more series than are answered are left out, and the answer says so', async () => {
    const { status, body } = await call(api, '/query', [
      ['query', 'temp'],
      ['time', String(end)],
    ]);
    expect([status, (body.data as { result: unknown[] }).result.length]).toEqual([200, 4]);
    expect(body.warnings).toEqual([expect.stringMatching(/truncated.*limit/)]);
  });

  it('a larger answer than is handed on breaks off, and who asks again is told why', async () => {
    await using large = await startNow(store.url, {
      QUERY_MAX_ANSWER_MIB: '1',
      QUERY_MAX_POINTS: '100000',
    });
    const own: Pairs = [['query', '{__name__=~".+"}'], ...span, ['step', '1']];
    await expect(call(apiOf(large.url), '/query_range', own)).rejects.toThrow(/terminated/);
    const said = await refusal(apiOf(large.url), '/query_range', own);
    expect(said).toMatchObject({ status: 422, errorType: 'execution' });
    expect(said.error).toMatch(/larger than 1 MiB; ask for fewer series, a longer step/);
  });
});

describe('a store that does not answer', () => {
  it('is the store that took too long, in its own words, with the time that was asked for', async () => {
    await using service = await startNow(store.url);
    const query = `sum_over_time(max_over_time((sum(rate({__name__=~".+"}[1h])))[1h:1s])[1h:1s])`;
    const own: Pairs = [
      ['query', query],
      ['timeout', '1ms'],
    ];
    const said = await refusal(apiOf(service.url), '/query', own);
    expect(said).toMatchObject({ status: 503, errorType: 'timeout' });
    expect(said.error).toMatch(/timed out|deadline exceeded/); // as it began, or not yet
  });

  it('is a timeout where nothing is heard, and the store is let go', async () => {
    await using proxy = await startCountingProxy(store.url);
    await using service = await startNow(proxy.url, { QUERY_TIMEOUT: '1s' });
    const api = apiOf(service.url);
    expect((await call(api, '/query', anything)).status).toBe(200);
    proxy.wait = () => new Promise(() => undefined);
    const said = await refusal(api, '/query', [['query', 'up + 0']]);
    expect(said).toMatchObject({ status: 504, errorType: 'timeout' });
    await until(() => proxy.left === 1);
  });

  it('is unavailable where it is down, whether or not the cluster is known', async () => {
    const proxy = await startCountingProxy(store.url);
    await using service = await startNow(proxy.url);
    await call(apiOf(service.url), '/query', anything);
    await proxy[Symbol.asyncDispose]();
    for (const id of [cluster, other]) {
      const said = await refusal(apiOf(service.url, id), '/query', [['query', 'up + 0']]);
      expect(said).toMatchObject({ status: 503, errorType: 'unavailable' });
      expect(Number(said.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('is too busy when more wait than may', async () => {
    await using proxy = await startCountingProxy(store.url);
    await using service = await startNow(proxy.url, {
      QUERY_CLUSTER_CONCURRENCY: '1',
      QUERY_WAITING: '1',
    });
    const api = apiOf(service.url);
    await call(api, '/query', anything);
    const leaving = new AbortController();
    const gate = new EventTarget();
    proxy.wait = async () => {
      await once(gate, 'open');
    };
    const held = ['1 + up', '2 + up'].map((query) =>
      call(api, '/query', [['query', query]], { signal: leaving.signal }),
    );
    const metrics = async () => (await fetch(`${service.url}/metrics`)).text();
    await until(async () => (await metrics()).includes('queries_waiting 1'));
    const said = await refusal(api, '/query', [['query', '3 + up']]);
    expect(said).toMatchObject({ status: 429, errorType: 'too_many_requests' });
    expect(said.headers.get('retry-after')).toBe('1');
    expect(said.error).toMatch(/wait for their turn/);
    proxy.wait = () => Promise.resolve();
    gate.dispatchEvent(new Event('open'));
    const answers = await Promise.all(held);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });
});
