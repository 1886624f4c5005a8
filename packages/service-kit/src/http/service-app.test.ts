import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { currentContext, UpstreamError } from '@bud-monitoring/client';
import { errorSchema } from '@bud-monitoring/contracts';
import { send, startApp, until } from '../testing/app.js';
import { ApiError } from './api-error.js';
import { prometheusErrors } from './error-format.js';
import { defineRawRoute, defineRoute, type Route } from './route.js';

const id = '0b9b1f1e-6f0f-4a3e-9d53-3f6d3c9d4a11';

/** Echoes what the handler was given. */
const echo = defineRoute({
  method: 'get',
  path: '/clusters/{cluster_id}/things/{name}',
  summary: 'Echo',
  object: 'test.echo',
  permission: 'cluster:view',
  query: z.object({
    time_range: z.enum(['10min', 'today']).default('today'),
    node: z.array(z.string()).default([]),
    step: z.string().regex(/^\d+$/, 'must be a whole number').optional(),
  }),
  statuses: [202],
  data: z.unknown(),
  handler: ({ params, query }) => ({
    data: { params, query },
    message: 'Echoed',
    status: 202,
    headers: { 'X-Cache': 'miss' },
  }),
});

const put = defineRoute({
  method: 'put',
  path: '/things',
  summary: 'Change',
  object: 'test.change',
  permission: 'cluster:manage',
  body: z.strictObject({ enabled: z.boolean(), limits: z.object({ low: z.number() }).optional() }),
  data: z.unknown(),
  handler: ({ body }) => ({ data: body, message: 'Changed' }),
});

/** A GET route at /x that does what it is told. */
function acting(act: () => unknown, timeoutMs?: number): Route {
  return defineRoute({
    method: 'get',
    path: '/x',
    summary: 'Acts',
    object: 'test.act',
    permission: 'public',
    data: z.unknown(),
    ...(timeoutMs !== undefined && { timeoutMs }),
    handler: async () => ({ data: await act(), message: 'Done' }),
  });
}

describe('a defined route', () => {
  it('answers in the envelope with checked and decoded input', async () => {
    await using service = await startApp({ routes: [echo] });

    const reply = await send(
      service.url,
      `/clusters/${id.toUpperCase()}/things/a%2Fb?node=n1&node=n2&step=30`,
    );

    expect(reply.status).toBe(202);
    expect(reply.headers['x-cache']).toBe('miss');
    expect(reply.json()).toEqual({
      object: 'test.echo',
      message: 'Echoed',
      data: {
        params: { cluster_id: id, name: 'a/b' },
        query: { time_range: 'today', node: ['n1', 'n2'], step: '30' },
      },
    });
  });

  it.each([
    ['a malformed id', `/clusters/not-a-uuid/things/a`, ['cluster_id']],
    ['an id that is malformed once decoded', `/clusters/${id}%3Fx/things/a`, ['cluster_id']],
    ['an unknown parameter', `/clusters/${id}/things/a?filter=today`, ['filter']],
    ['a repeated single value', `/clusters/${id}/things/a?step=1&step=2`, ['step']],
    ['a value out of the list', `/clusters/${id}/things/a?time_range=year`, ['time_range']],
    ['an empty value', `/clusters/${id}/things/a?time_range=`, ['time_range']],
    ['a value of the wrong form', `/clusters/${id}/things/a?step=abc`, ['step']],
    ['several at once', `/clusters/${id}/things/a?zzz=1&step=abc`, ['zzz', 'step']],
    [
      'names of the prototype',
      `/clusters/${id}/things/a?__proto__=1&constructor=2`,
      ['__proto__', 'constructor'],
    ],
  ])('answers 400 naming the field for %s', async (_what, path, fields) => {
    await using service = await startApp({ routes: [echo] });

    const reply = await send(service.url, path);

    expect(reply.status).toBe(400);
    const error = errorSchema.parse(reply.json());
    expect(error.type).toBe('BadRequestError');
    expect(error.details?.map(({ field }) => field)).toEqual(fields);
    for (const field of fields) expect(error.message).toContain(field);
  });

  it('tells which parameters it knows', async () => {
    await using service = await startApp({ routes: [echo] });

    const reply = await send(service.url, `/clusters/${id}/things/a?filter=today`);

    expect(reply.json()['message']).toBe('filter: is not known; known are time_range, node, step');
  });

  it.each([
    ['good', '{"enabled":true}', 'application/json', 200, undefined],
    ['good with a charset', '{"enabled":true}', 'application/json; charset=utf-8', 200, undefined],
    ['malformed', '{"enabled":', 'application/json', 400, undefined],
    ['of a wrong type', '{"enabled":"yes"}', 'application/json', 400, 'enabled'],
    [
      'wrong deep inside',
      '{"enabled":true,"limits":{"low":"1"}}',
      'application/json',
      400,
      'limits.low',
    ],
    ['with an unknown field', '{"enabled":true,"x":1}', 'application/json', 400, 'body'],
    ['no object', '3', 'application/json', 400, 'body'],
    ['of another media type', 'enabled=true', 'application/x-www-form-urlencoded', 415, undefined],
    ['of an unknown charset', '{}', 'application/json; charset=klingon', 415, undefined],
    ['missing', undefined, undefined, 415, undefined],
    ['empty', '', 'application/json', 400, 'enabled'],
    ['too large', `{"x":"${'x'.repeat(1_100_000)}"}`, 'application/json', 413, undefined],
  ])('treats a body that is %s', async (_what, body, type, status, field) => {
    await using service = await startApp({ routes: [put] });

    const reply = await send(service.url, '/things', {
      method: 'PUT',
      headers: type === undefined ? {} : { 'content-type': type },
      ...(body !== undefined && { body }),
    });

    expect(reply.status).toBe(status);
    expect(reply.json()['code']).toBe(status === 200 ? undefined : status);
    const details = reply.json()['details'] as { field?: string }[] | undefined;
    expect(details?.[0]?.field).toBe(field);
  });
});

describe('an error', () => {
  it.each([
    ['an unknown path', 'GET', '/nothing', 404, 'NotFoundError'],
    ['another case of a path', 'PUT', '/THINGS', 404, 'NotFoundError'],
    ['a slash at the end', 'PUT', '/things/', 404, 'NotFoundError'],
    ['a path that cannot be decoded', 'GET', '/clusters/%zz/things/a', 400, 'BadRequestError'],
    ['invalid UTF-8 in the path', 'GET', '/clusters/%ff/things/a', 400, 'BadRequestError'],
    ['a method that is not there', 'DELETE', '/things', 405, 'MethodNotAllowedError'],
  ])('is in the envelope for %s', async (_what, method, path, status, type) => {
    await using service = await startApp({ routes: [echo, put] });

    const reply = await send(service.url, path, { method });

    expect(reply.status).toBe(status);
    expect(errorSchema.parse(reply.json())).toMatchObject({
      code: status,
      type,
      request_id: reply.headers['x-request-id'],
    });
  });

  it('of a method that is not there says what is', async () => {
    await using service = await startApp({ routes: [put] });

    const onPut = await send(service.url, '/things', { method: 'POST' });
    const onGet = await send(service.url, '/health', { method: 'POST' });

    expect(onPut.headers.allow).toBe('PUT');
    expect(onGet.headers.allow).toBe('GET, HEAD');
  });

  it('that nobody foresaw is a mute 500, told only to the log', async () => {
    const routes = [acting(() => Promise.reject(new Error('postgres://me:pw@db is gone')))];
    await using service = await startApp({ routes });

    const reply = await send(service.url, '/x');

    expect(reply.status).toBe(500);
    expect(reply.json()).toEqual({
      object: 'error',
      code: 500,
      type: 'InternalServerError',
      message: 'Internal error',
      request_id: reply.headers['x-request-id'],
    });
    const line = service.lines.find(({ level }) => level === 'error');
    expect(line).toMatchObject({
      message: 'request failed unexpectedly',
      requestId: reply.headers['x-request-id'],
      error: { message: 'postgres://[redacted]@db is gone' },
    });
  });

  it('from upstream keeps its status and says when to come again', async () => {
    const gone = new UpstreamError({
      upstream: 'prometheus',
      code: 'circuit_open',
      retryAfterSeconds: 3.2,
    });
    await using service = await startApp({ routes: [acting(() => Promise.reject(gone))] });

    const reply = await send(service.url, '/x');

    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('4');
    expect(reply.json()).toMatchObject({ code: 503, type: 'ServiceUnavailableError' });
  });

  it('takes the form of its path, whatever raised it', async () => {
    const path = '/clusters/{cluster_id}/prometheus/api/v1/query';
    const query = defineRoute({
      method: 'get',
      path,
      summary: 'Query',
      object: 'x',
      permission: 'cluster:view',
      data: z.null(),
      handler: () => {
        throw new ApiError('TooManyRequestsError', 'Slower', { retryAfterSeconds: 1 });
      },
    });
    await using service = await startApp({
      routes: [query],
      errorFormats: [prometheusErrors('/clusters/{cluster_id}/prometheus/api/v1')],
    });
    const base = `/clusters/${id}/prometheus/api/v1`;

    const replies = await Promise.all([
      send(service.url, `${base}/query`),
      send(service.url, `${base}/query?x=1`),
      send(service.url, `${base}/nothing`),
      send(service.url, `${base}/query`, { method: 'DELETE' }),
      send(service.url, '/clusters/%zz/prometheus/api/v1/query'),
      send(service.url, `/clusters/${id}/prometheus/api/v12`),
    ]);

    expect(
      replies.map((reply) => [reply.status, reply.json()['errorType'] ?? reply.json()['type']]),
    ).toEqual([
      [429, 'too_many_requests'],
      [400, 'bad_data'],
      [404, 'not_found'],
      [405, 'bad_data'],
      [400, 'bad_data'],
      [404, 'NotFoundError'],
    ]);
    expect(replies[0].json()).toEqual({
      status: 'error',
      errorType: 'too_many_requests',
      error: 'Slower',
    });
    expect(replies[0].headers['retry-after']).toBe('1');
  });

  it('after the first byte cuts the answer off', async () => {
    const half = defineRawRoute({
      method: 'get',
      path: '/half',
      summary: 'Breaks',
      permission: 'public',
      produces: 'text/plain',
      handler: async (_context, _request, response) => {
        response.write('half');
        await wait(20);
        throw new Error('broke');
      },
    });
    await using service = await startApp({ routes: [half] });

    await expect(send(service.url, '/half')).rejects.toThrow(/aborted|socket hang up/);
  });
});

describe('a request', () => {
  it.each([
    ['a short harmless one', 'abc-DEF_1.2', true],
    ['none', undefined, false],
    ['one too long', 'x'.repeat(65), false],
    ['one with a space', 'a b', false],
    ['one that could break a log line', 'a"b', false],
    ['two of them', ['one', 'two'], false],
  ])('keeps its id when given %s', async (_what, given, kept) => {
    await using service = await startApp();

    const reply = await send(service.url, '/health', {
      ...(given !== undefined && { headers: { 'x-request-id': given } }),
    });

    const echoed = reply.headers['x-request-id'];
    expect(echoed === given).toBe(kept);
    expect(echoed).toMatch(kept ? /^abc-DEF_1\.2$/ : /^[0-9a-f-]{36}$/);
  });

  it.each([
    ['a valid one', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, true],
    ['all zero', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, false],
    ['no trace', 'hello', false],
  ])('carries a traceparent on when it is %s', async (_what, traceparent, kept) => {
    let seen: unknown;
    const routes = [
      acting(async () => {
        await wait(1);
        seen = currentContext();
        return null;
      }),
    ];
    await using service = await startApp({ routes });

    await send(service.url, '/x', { headers: { traceparent, 'x-request-id': 'r-1' } });

    expect(seen).toMatchObject({ requestId: 'r-1' });
    expect((seen as { traceparent?: string }).traceparent).toBe(kept ? traceparent : undefined);
  });

  it('with a body is handled in its own context', async () => {
    const contexts: (string | undefined)[] = [];
    const take = defineRoute({
      method: 'post',
      path: '/take',
      summary: 'Takes',
      object: 'test.take',
      permission: 'public',
      body: z.object({ n: z.number() }),
      data: z.null(),
      handler: () => {
        contexts.push(currentContext()?.requestId);
        return { data: null, message: 'Taken' };
      },
    });
    await using service = await startApp({ routes: [take] });

    await send(service.url, '/take', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'r-7' },
      body: '{"n":1}',
    });

    expect(contexts).toEqual(['r-7']);
  });

  it('whose caller hangs up aborts its handler and is logged as such', async () => {
    const signals: AbortSignal[] = [];
    const slow = defineRoute({
      method: 'get',
      path: '/slow',
      summary: 'Waits',
      object: 'test.slow',
      permission: 'public',
      data: z.null(),
      handler: async ({ signal }) => {
        signals.push(signal);
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
        return { data: null, message: 'Never' };
      },
    });
    await using service = await startApp({ routes: [slow] });
    const caller = new AbortController();

    const call = send(service.url, '/slow', { signal: caller.signal });
    await until(() => signals.length === 1);
    expect(signals[0]!.aborted).toBe(false);
    caller.abort();

    await expect(call).rejects.toThrow('aborted');
    await until(() => service.lines.some(({ message }) => message === 'request handled'));
    expect(signals[0]!.aborted).toBe(true);
    expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
    const handled = service.lines.find(({ message }) => message === 'request handled');
    expect(handled).toMatchObject({ route: '/slow', status: 499, cutOff: true });
  });

  it('that takes too long is answered 504 and its handler aborted', async () => {
    let reason: AbortSignal | undefined;
    const slow = defineRoute({
      method: 'get',
      path: '/slow',
      summary: 'Waits',
      object: 'test.slow',
      permission: 'public',
      timeoutMs: 30,
      data: z.null(),
      handler: async ({ signal }) => {
        reason = signal;
        await wait(100);
        return { data: null, message: 'Too late' };
      },
    });
    await using service = await startApp({ routes: [slow] });

    const reply = await send(service.url, '/slow');
    await wait(120);

    expect(reply.status).toBe(504);
    expect(reply.json()).toMatchObject({
      type: 'GatewayTimeoutError',
      message: 'No answer within 0.03 s',
    });
    expect(reason?.aborted).toBe(true);
    expect(service.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is logged once, by route pattern and without its query', async () => {
    await using service = await startApp({ routes: [echo] });

    await send(service.url, `/clusters/${id}/things/a?time_range=today`);
    await send(service.url, '/nothing?token=hunter2');
    await send(service.url, '/health');

    const logged = service.lines.filter(({ message }) => message === 'request handled');
    expect(logged).toMatchObject([
      {
        level: 'info',
        method: 'GET',
        route: echo.path,
        status: 202,
        durationMs: expect.any(Number),
      },
      { level: 'info', method: 'GET', route: 'unmatched', path: '/nothing', status: 404 },
      { level: 'debug', method: 'GET', route: '/health', status: 200 },
    ]);
    expect(JSON.stringify(service.lines)).not.toContain('hunter2');
  });

  it('is counted by route pattern, method and class of status', async () => {
    await using service = await startApp({ routes: [echo] });

    await send(service.url, `/clusters/${id}/things/a`);
    await send(service.url, `/clusters/${id}/things/b`);
    await send(service.url, `/clusters/x/things/b`);
    await send(service.url, '/nothing');
    const { text } = await send(service.url, '/metrics');

    const counts = text
      .split('\n')
      .filter((line) => line.startsWith('http_request_duration_seconds_count'));
    expect(counts).toEqual([
      `http_request_duration_seconds_count{route="${echo.path}",method="GET",status="2xx"} 2`,
      `http_request_duration_seconds_count{route="${echo.path}",method="GET",status="4xx"} 1`,
      'http_request_duration_seconds_count{route="unmatched",method="GET",status="4xx"} 1',
    ]);
    expect(text).toContain('process_cpu_seconds_total');
  });
});

it('answers without fingerprints and for nobody else to keep', async () => {
  await using service = await startApp({ routes: [acting(() => 1)] });

  const { headers } = await send(service.url, '/x');

  expect(headers['x-powered-by']).toBeUndefined();
  expect(headers.etag).toBeUndefined();
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

it('answers HEAD as GET without the body', async () => {
  await using service = await startApp({ routes: [acting(() => 1)] });

  const reply = await send(service.url, '/x', { method: 'HEAD' });

  expect(reply.status).toBe(200);
  expect(reply.text).toBe('');
});
