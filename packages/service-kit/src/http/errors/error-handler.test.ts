import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { UpstreamError } from '@bud-monitoring/client';
import { errorSchema } from '@bud-monitoring/contracts';
import { send, startApp } from '../../testing/app.js';
import { acting, echo, id, put } from '../../testing/routes.js';
import { ApiError } from './api-error.js';
import { prometheusErrors } from './error-format.js';
import { defineRawRoute, defineRoute } from '../route.js';

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
