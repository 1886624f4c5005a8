import { once } from 'node:events';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';

import { runInContext } from '../context.js';
import { failureOf, startUpstream, type Reply, type Route } from '../testing/upstream.js';
import { createRawStore, type RawResponse, type RawStoreOptions } from './raw.js';

const success = '{"status":"success","data":[]}';
const json = (status: number, text: string): Reply => ({
  status,
  text,
  headers: { 'content-type': 'application/json' },
});
const failure = (errorType: string) =>
  `{"status":"error","errorType":"${errorType}","error":"why"}`;
const call = { method: 'POST', path: '/query', form: 'query=up%7B%7D&time=1' } as const;
const open = () => new AbortController();

async function startStore(route: Route, options: Partial<RawStoreOptions> = {}) {
  const upstream = await startUpstream({ 'GET /api/v1/query': route });
  const store = createRawStore({ url: upstream.url, timeoutMs: 5_000, ...options });
  return {
    upstream,
    send: (signal = open().signal) => store.send(call, signal),
    async [Symbol.asyncDispose]() {
      await store.close();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

async function textOf({ first, rest }: RawResponse): Promise<string> {
  const pieces = [first];
  for await (const piece of rest ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Longer than what is waited for before an answer counts as begun. */
const long = (mebibytes: number) => `"${'x'.repeat(mebibytes * 2 ** 20)}"`;

describe('what is sent', () => {
  it('is the form as it is, to the path below the address, with credentials, tenant and trace', async () => {
    await using upstream = await startUpstream({ 'POST /store/api/v1/query': json(200, success) });
    const url = `${upstream.url}/store/`;
    const store = createRawStore({ url, token: 'secret', tenant: 'fleet', timeoutMs: 5_000 });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const form = `${call.form}&match[]=${'x'.repeat(1024)}`;
    await runInContext({ requestId: 'r-1', traceparent }, () =>
      store.send({ ...call, form }, open().signal),
    );
    await store.close();
    expect(upstream.seen[0]).toMatchObject({
      body: form,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        authorization: 'Bearer secret',
        'x-scope-orgid': 'fleet',
        'x-request-id': 'r-1',
        traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c'),
      },
    });
    expect(upstream.seen[0]?.headers).not.toHaveProperty('accept-encoding');
  });

  it.each(['', 'x'.repeat(2000)])(
    'is a query in the URL where the store takes no POST',
    async (match) => {
      await using upstream = await startUpstream({
        'GET /api/v1/label/a.b/values': json(200, success),
      });
      const store = createRawStore({ url: upstream.url, timeoutMs: 5_000 });
      const form = `limit=3&match[]=${match}`;
      const values = { method: 'GET', path: '/label/a.b/values', form } as const;
      const answer = await store.send(values, open().signal);
      await store.close();
      const query = upstream.seen[0]?.query;
      expect([answer.status, query?.get('limit'), query?.get('match[]')]).toEqual([
        200,
        '3',
        match,
      ]);
    },
  );

  it('is a query in the URL where it is short', async () => {
    await using store = await startStore(json(200, success));
    await store.send();
    expect(store.upstream.seen[0]?.query.get('query')).toBe('up{}');
    expect(store.upstream.seen[0]?.headers).not.toHaveProperty('content-type');
  });
});

describe('an answer', () => {
  it.each([
    ['200', json(200, success)],
    ['204', { status: 204, text: '' }],
    ['a path that it does not know', { status: 404, text: '404 page not found' }],
    ['a path that VictoriaMetrics does not know', { status: 400, text: 'unsupported path' }],
    ['400', json(400, failure('bad_data'))],
    ['422', json(422, failure('execution'))],
    ['503 of a query that took too long', json(503, failure('timeout'))],
  ])('is handed on byte for byte: %s', async (_name, reply) => {
    await using store = await startStore([reply]);
    const answer = await store.send();
    expect(answer).toEqual({
      status: reply.status,
      first: Buffer.from(String(reply.text)),
      rest: null,
    });
  });

  it.each([
    'expanding series: context deadline exceeded',
    'query timed out in queue',
    'cannot fetch search results: timeout exceeded while fetching data',
  ])('is a timeout where the store calls it a fault of the query: %s', async (error) => {
    const body = { status: 'error', errorType: 'execution', error };
    await using store = await startStore([json(422, JSON.stringify(body))]);
    const { status, first } = await store.send();
    expect([status, JSON.parse(first.toString())]).toEqual([
      503,
      { ...body, errorType: 'timeout' },
    ]);
  });

  it('comes whole up to 256 KiB, longer ones in pieces', async () => {
    await using store = await startStore([json(200, long(3)), json(200, long(0.2))]);
    const answer = await store.send();
    expect(answer.first.length).toBeGreaterThanOrEqual(2 ** 18);
    expect(answer.first.length).toBeLessThan(2 ** 20);
    expect(await textOf(answer)).toBe(long(3));
    expect((await store.send()).rest).toBeNull();
  });

  it('comes in no faster than it is read', async () => {
    let sent = 0;
    const endless: Reply = {
      raw(response) {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 120))) sent += 65_536;
          response.once('drain', more);
        };
        more();
      },
    };
    await using store = await startStore(endless);
    const leaving = open();
    await store.send(leaving.signal);
    const settled = async () => {
      for (let before = -1; before !== sent;) {
        before = sent;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      return sent;
    };
    expect(await settled()).toBeLessThan(32 * 2 ** 20);
    leaving.abort();
  });
});

describe('trouble with the store', () => {
  it.each<[string, Reply, object]>([
    ['credentials refused', json(401, failure('unauthorized')), { code: 'unauthorized' }],
    ['access refused', json(403, '{}'), { code: 'forbidden' }],
    ['a wrong address that speaks JSON', json(404, '{"message":"no"}'), { code: 'bad_answer' }],
    ['a redirect', { status: 302, headers: { location: '/login' } }, { code: 'bad_answer' }],
    [
      'a login page',
      { text: '<html>', headers: { 'content-type': 'text/html' } },
      { code: 'bad_answer' },
    ],
    ['no content type', { text: success }, { code: 'bad_answer' }],
    [
      'a long page',
      { text: long(1), headers: { 'content-type': 'text/html' } },
      { code: 'bad_answer' },
    ],
    ['its own failure', json(500, failure('internal')), { code: 'bad_answer', status: 500 }],
    ['too much for a proxy', { status: 504, text: 'late' }, { code: 'timeout', status: 504 }],
    [
      'packed though nobody asked for it',
      {
        text: gzipSync(success),
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
      { code: 'bad_answer' },
    ],
  ])('is told after one try: %s', async (_name, reply, error) => {
    await using store = await startStore([reply]);
    expect(await failureOf(store.send())).toMatchObject({ upstream: 'prometheus', ...error });
    expect(store.upstream.seen).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ['a proxy that finds it away', { status: 502, text: 'bad gateway' }],
    ['a store that starts', json(503, failure('unavailable'))],
    ['a plain 503', { status: 503, text: 'Service Unavailable' }],
    ['a connection that is cut', { raw: (response) => response.destroy() }],
    [
      'an answer that is cut',
      {
        raw(response) {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.write('{"status":', () => response.destroy());
        },
      },
    ],
  ])('is tried again: %s', async (_name, reply) => {
    await using store = await startStore([reply, json(200, success)]);
    expect(await textOf(await store.send())).toBe(success);
  });

  it('waits as long as it is asked to where that is short, and says so where it is long', async () => {
    const busy: Reply = { ...json(429, failure('x')), headers: { 'retry-after': '40' } };
    await using store = await startStore([busy]);
    const error = await failureOf(store.send());
    expect(error).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 40 });
  });

  it('is a timeout where no answer begins, and the connection is given up', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const hang: Reply = { raw: (response) => void (closed = once(response, 'close')) };
    await using store = await startStore(hang, { timeoutMs: 200 });
    expect(await failureOf(store.send())).toMatchObject({ code: 'timeout' });
    await closed;
    expect(store.upstream.seen).toHaveLength(1);
  });

  it('holds no address and no credentials', async () => {
    const options = { url: 'http://127.0.0.1:1', token: 'secret', timeoutMs: 500 };
    const store = createRawStore(options);
    const error = await failureOf(store.send(call, open().signal));
    await store.close();
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(inspect(error, { depth: 9 })).not.toMatch(/secret|127\.0\.0\.1/);
  });

  it('opens the circuit after five failures in a row', async () => {
    const states: string[] = [];
    const failed = json(500, failure('internal'));
    await using store = await startStore([failed, failed, failed, failed, failed], {
      onCircuitState: (_name, state) => states.push(state),
    });
    for (let tried = 0; tried < 5; tried += 1) await failureOf(store.send());
    expect(await failureOf(store.send())).toMatchObject({ code: 'circuit_open' });
    expect(states).toEqual(['open']);
  });
});

describe('leaving', () => {
  it('ends a call that nothing was heard of', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const leaving = open();
    const hang: Reply = {
      raw(response) {
        closed = once(response, 'close');
        leaving.abort();
      },
    };
    await using store = await startStore(hang);
    expect(await failureOf(store.send(leaving.signal))).toMatchObject({ code: 'cancelled' });
    await closed;
  });

  const begun = () => {
    let closed: Promise<unknown> = Promise.resolve();
    const reply: Reply = {
      raw(response) {
        closed = once(response, 'close');
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(long(1));
      },
    };
    return { reply, closed: () => closed };
  };

  it('ends a body that has begun', async () => {
    const { reply, closed } = begun();
    await using store = await startStore(reply);
    const leaving = open();
    const answer = await store.send(leaving.signal);
    const reading = failureOf(textOf(answer));
    leaving.abort();
    expect(await reading).toMatchObject({ name: 'UpstreamError' });
    await closed();
  });

  it('ends a body that is read no further', async () => {
    const { reply, closed } = begun();
    await using store = await startStore(reply);
    const { rest } = await store.send();
    for await (const piece of rest ?? []) if (piece.length > 0) break;
    await closed();
    expect(store.upstream.seen).toHaveLength(1);
  });

  it('is told when a body is cut off', async () => {
    const cut: Reply = {
      raw(response) {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(long(1), () => response.destroy());
      },
    };
    await using store = await startStore(cut);
    const answer = await store.send();
    expect(await failureOf(textOf(answer))).toMatchObject({ code: 'unreachable' });
  });
});
