import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it } from '@jest/globals';

import { runInContext } from '../context.js';
import { authorization, retryAfter } from './headers.js';
import { createHttpClient, type HttpClient } from './http-client.js';
import { pathSegment } from './url.js';
import { cert, key } from '../testing/tls.js';
import { failureOf, startUpstream } from '../testing/upstream.js';

const open: HttpClient[] = [];
afterEach(() => {
  for (const http of open.splice(0)) http.close();
});

function httpTo(
  baseUrl: string,
  options: Partial<Parameters<typeof createHttpClient>[0]> = {},
): HttpClient {
  const http = createHttpClient({ upstream: 'prometheus', baseUrl, timeoutMs: 2_000, ...options });
  open.push(http);
  return http;
}

const get = { method: 'GET', path: '/x' } as const;

describe('createHttpClient', () => {
  it('sends method, path below the base, query, headers and body', async () => {
    await using upstream = await startUpstream({ 'POST /base/x': { status: 201, text: 'made' } });
    const http = httpTo(`${upstream.url}/base/`, { headers: { authorization: 'Bearer t' } });
    const response = await http.request({
      method: 'POST',
      path: '/x',
      query: { a: '1 2', b: ['x', 'y'] },
      headers: { 'x-own': 'z' },
      json: { c: 3 },
    });
    expect(response).toMatchObject({ status: 201, text: 'made' });
    expect(upstream.seen).toMatchObject([
      {
        headers: { authorization: 'Bearer t', 'x-own': 'z', 'content-type': 'application/json' },
        body: '{"c":3}',
      },
    ]);
    expect(upstream.seen[0]?.query.toString()).toBe('a=1+2&b=x&b=y');
  });

  it('sends a form', async () => {
    await using upstream = await startUpstream({ 'POST /x': {} });
    const form = new URLSearchParams({ query: 'up{a="ü&"}' });
    await httpTo(upstream.url).request({ method: 'POST', path: '/x', form });
    expect(upstream.seen[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(new URLSearchParams(upstream.seen[0]?.body).get('query')).toBe('up{a="ü&"}');
  });

  it.each([0, false, '', null])('sends the falsy JSON value %j as what it is', async (json) => {
    await using upstream = await startUpstream({ 'POST /x': {} });
    await httpTo(upstream.url).request({ method: 'POST', path: '/x', json });
    expect(upstream.seen[0]?.body).toBe(JSON.stringify(json));
  });

  it('ties the call to the current request', async () => {
    await using upstream = await startUpstream({ 'GET /x': {} });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await runInContext({ requestId: 'r-1', traceparent }, () => httpTo(upstream.url).request(get));
    const headers = upstream.seen[0]?.headers;
    expect(headers?.['x-request-id']).toBe('r-1');
    expect(headers?.['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
    expect(headers?.['traceparent']).not.toBe(traceparent);
  });

  it('keeps its connections: one that has just been used rests for a moment', async () => {
    await using upstream = await startUpstream({ 'GET /x': {} });
    const http = httpTo(upstream.url);
    for (let i = 0; i < 20; i += 1) await http.request(get);
    expect(upstream.connections()).toBeLessThanOrEqual(2);
  });

  it('opens no more connections than it may, and serves everybody', async () => {
    await using upstream = await startUpstream({ 'GET /x': { text: 'served' } });
    const http = httpTo(upstream.url, { maxSockets: 3 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => http.request(get)));
    expect(answers.filter(({ text }) => text === 'served')).toHaveLength(30);
    expect(upstream.connections()).toBe(3);
  });

  it('gives up in time a call that waits for a connection, and never sends it', async () => {
    await using upstream = await startUpstream({
      'GET /x': { raw: (response) => setTimeout(() => response.end('late'), 300) },
    });
    const http = httpTo(upstream.url, { maxSockets: 1 });
    const first = http.request(get);
    let served = false;
    void first.then(() => (served = true));
    const failure = await failureOf(http.request({ ...get, timeoutMs: 50 }));
    expect(failure).toMatchObject({ code: 'timeout' });
    expect(served).toBe(false);
    expect((await first).text).toBe('late');
    expect((await http.request(get)).text).toBe('late');
    expect(upstream.seen).toHaveLength(2);
  });

  it('hands over a redirect and an error as they are', async () => {
    const headers = { location: '/elsewhere' };
    await using upstream = await startUpstream({
      'GET /x': [{ status: 302, headers }, { status: 500 }],
    });
    const http = httpTo(upstream.url);
    expect(await http.request(get)).toMatchObject({ status: 302, headers });
    expect(await http.request(get)).toMatchObject({ status: 500 });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('asks for %s and unpacks it, short and long', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    const long = randomBytes(200_000).toString('base64');
    await using upstream = await startUpstream({
      'GET /x': [
        { headers, text: pack('packed') },
        { headers, text: pack(long) },
      ],
    });
    const http = httpTo(upstream.url);
    expect((await http.request(get)).text).toBe('packed');
    expect((await http.request(get)).text).toBe(long);
    expect(upstream.seen[0]?.headers['accept-encoding']).toContain(encoding);
  });

  it('reads an answer that comes in many pieces', async () => {
    const pieces = Array.from({ length: 40 }, (_, n) => `${n} ü `.repeat(2_000));
    await using upstream = await startUpstream({
      'GET /x': {
        raw: (response) => {
          for (const piece of pieces) response.write(piece);
          response.end();
        },
      },
    });
    expect((await httpTo(upstream.url).request(get)).text).toBe(pieces.join(''));
  });

  it('takes no proxy from the environment', async () => {
    await using upstream = await startUpstream({ 'GET /x': { text: 'direct' } });
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect((await httpTo(upstream.url).request(get)).text).toBe('direct');
    } finally {
      delete process.env['http_proxy'];
    }
  });

  it.each([
    ['cut connection', { raw: (r: { destroy(): void }) => r.destroy() }, 'unreachable'],
    [
      'answer cut off',
      {
        raw: (r) => {
          r.writeHead(200, { 'content-length': 9 });
          r.write('half', () => r.destroy());
        },
      },
      'unreachable',
    ],
    ['answer too large', { text: 'x'.repeat(2_000) }, 'bad_answer'],
    ['answer far too large', { text: 'x'.repeat(900_000) }, 'bad_answer'],
    [
      'answer too large once unpacked',
      { headers: { 'content-encoding': 'gzip' }, text: gzipSync('x'.repeat(2_000)) },
      'bad_answer',
    ],
    ['broken packing', { headers: { 'content-encoding': 'gzip' }, text: 'no gzip' }, 'bad_answer'],
    ['answer that is no HTTP', { raw: (r) => r.socket?.end('nonsense\r\n\r\n') }, 'bad_answer'],
  ] as [string, NonNullable<Parameters<typeof startUpstream>[0]['']>, string][])(
    'tells a %s by its code',
    async (_what, reply, code) => {
      await using upstream = await startUpstream({ 'GET /x': reply });
      const failure = await failureOf(
        httpTo(upstream.url, { maxResponseBytes: 1_000 }).request(get),
      );
      expect(failure).toMatchObject({ name: 'UpstreamError', upstream: 'prometheus', code });
    },
  );

  it('reports an upstream that is not there, without its address or our credentials', async () => {
    const upstream = await startUpstream({});
    await upstream[Symbol.asyncDispose]();
    const headers = { authorization: 'Bearer hush-hush' };
    const failure = await failureOf(httpTo(upstream.url, { headers }).request(get));
    expect(failure).toMatchObject({ code: 'unreachable', detail: 'ECONNREFUSED' });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/hush-hush|127\.0\.0\.1/);
  });

  it('trusts the certificate authority it is given, and no other', async () => {
    const server = createServer({ cert, key }, (_request, response) => response.end('safe'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect((await httpTo(baseUrl, { ca: cert }).request(get)).text).toBe('safe');
      const failure = await failureOf(httpTo(baseUrl).request(get));
      expect(failure).toMatchObject({
        code: 'untrusted',
        message: expect.stringContaining('name it by PROMETHEUS_CA_FILE'),
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('gives up in time on an answer that trickles for ever', async () => {
    await using upstream = await startUpstream({
      'GET /x': {
        raw: (response) => {
          const drip = setInterval(() => response.write('.'), 20);
          response.on('close', () => clearInterval(drip));
        },
      },
    });
    const failure = await failureOf(httpTo(upstream.url, { timeoutMs: 150 }).request(get));
    expect(failure).toMatchObject({ code: 'timeout' });
  });

  it('reads no answer without end', async () => {
    await using upstream = await startUpstream({
      'GET /x': {
        raw: (response) => {
          const flood = setInterval(() => response.write('x'.repeat(50_000)), 5);
          response.on('close', () => clearInterval(flood));
        },
      },
    });
    const http = httpTo(upstream.url, { maxResponseBytes: 300_000 });
    expect(await failureOf(http.request(get))).toMatchObject({ code: 'bad_answer' });
  });

  it('ends with the caller, whose signal it takes from the context too', async () => {
    await using upstream = await startUpstream({ 'GET /x': { raw: () => undefined } });
    const http = httpTo(upstream.url);
    const abort = new AbortController();
    const given = failureOf(http.request({ ...get, signal: abort.signal }));
    const inherited = failureOf(
      runInContext({ requestId: 'r', signal: abort.signal }, () => http.request(get)),
    );
    while (upstream.seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    abort.abort();
    expect(await given).toMatchObject({ code: 'cancelled' });
    expect(await inherited).toMatchObject({ code: 'cancelled' });
    expect(await failureOf(http.request({ ...get, signal: abort.signal }))).toMatchObject({
      code: 'cancelled',
    });
    expect(upstream.seen).toHaveLength(2);
  });

  it.each(['ftp://x', 'x', '', 'http://u:p@x', 'http://x?y', 'http://x#y'])(
    'refuses the base URL %j',
    (baseUrl) => {
      expect(() => httpTo(baseUrl)).toThrow(TypeError);
    },
  );
});

describe('pathSegment', () => {
  it('encodes what would change the path and refuses what would shorten it', () => {
    expect(pathSegment('a/b?c#d%')).toBe('a%2Fb%3Fc%23d%25');
    for (const text of ['', '.', '..']) expect(() => pathSegment(text)).toThrow(RangeError);
  });
});

describe('authorization', () => {
  it('prefers the token and is empty without credentials', () => {
    expect(authorization({ token: 't', username: 'u' })).toEqual({ authorization: 'Bearer t' });
    expect(authorization({ username: 'u', password: 'ü' })).toEqual({
      authorization: `Basic ${Buffer.from('u:ü').toString('base64')}`,
    });
    expect(authorization({})).toEqual({});
  });
});

describe('retryAfter', () => {
  it.each([
    ['7', 7],
    ['Thu, 01 Jan 1970 00:00:30 GMT', 20],
    ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('reads %j', (text, seconds) => {
    const headers: Record<string, string> = text === undefined ? {} : { 'retry-after': text };
    expect(retryAfter({ headers }, 10_000)).toBe(seconds);
  });
});
