import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { currentContext } from '@bud-monitoring/client';
import { send, startApp, until } from '../testing/app.js';
import { acting, echo, id } from '../testing/routes.js';
import { defineRoute } from './route.js';

describe('a request', () => {
  it.each([
    ['a short harmless one', 'abc-DEF_1.2', true],
    ['none', undefined, false],
    ['one too long', 'x'.repeat(129), false],
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

it('refuses at once what is more than it may have at work, and stays answerable', async () => {
  let finish: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const slow = defineRoute({
    method: 'get',
    path: '/slow',
    summary: 'Waits',
    object: 'test.slow',
    permission: 'cluster:view',
    data: z.null(),
    handler: async () => {
      await held;
      return { data: null, message: 'Done' };
    },
  });
  await using service = await startApp({ routes: [slow], maxRequests: 3 });

  const calls = Array.from({ length: 8 }, () => send(service.url, '/slow'));
  const refused = await Promise.race(calls);
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  expect((await send(service.url, '/health')).status).toBe(200);
  finish();
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(3);
  expect((await send(service.url, '/slow')).status).toBe(200);
});
