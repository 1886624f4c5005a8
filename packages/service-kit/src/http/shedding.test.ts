import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import { close, listen, send } from '../testing/app.js';
import { acting } from '../testing/routes.js';
import type { Admission } from './admission.js';
import { ApiError } from './errors/api-error.js';
import { prometheusErrors } from './errors/error-format.js';
import { shedding } from './shedding.js';

const prefix = '/clusters/{cluster_id}/prometheus/api/v1';
const query = '/clusters/c/prometheus/api/v1/query';

async function ask(
  path: string,
  state: Partial<Record<'timed' | 'queued' | 'longTurn' | 'busyLoop' | 'queue', boolean>>,
) {
  const admission = (isFull = false) => ({ isFull: () => isFull }) as Admission;
  const refused: number[] = [];
  const app = express();
  app.use(
    shedding({
      admission: {
        timed: admission(state.timed),
        queued: admission(state.queued),
        isLongTurn: { timed: () => state.longTurn === true, queued: () => state.longTurn === true },
        isBusyLoop: () => state.busyLoop === true,
      },
      routes: [
        { ...acting(() => null), path: '/clusters/{id}', permission: 'cluster:view' as const },
        { ...acting(() => null), path: '/health', permission: 'public' as const },
      ],
      daprRoutes: [],
      errorFormats: [prometheusErrors(prefix)],
      queueRefusal: () =>
        state.queue === true ? new ApiError('TooManyRequestsError', 'many wait') : undefined,
      onRefused: (_method, status) => refused.push(status),
    }),
  );
  app.use((_request, response) => void response.json('taken'));
  const server = createServer(app);
  const url = await listen(server);
  const reply = await send(url, path);
  await close(server);
  expect(refused).toEqual(reply.status === 200 ? [] : [reply.status]);
  return { status: reply.status, body: reply.json() as unknown };
}

describe('a request', () => {
  it.each([
    ['/clusters/c', { queued: true, queue: true, busyLoop: true }],
    ['/health', { timed: true, queued: true, longTurn: true }],
    ['/clusters/c/metrics/stream', { timed: true, longTurn: true }],
    // Its answer may be kept.
    [query, { queue: true }],
    [query, { timed: true, busyLoop: true }],
  ])('is taken: %s, %j', async (path, state) => {
    expect(await ask(path, state)).toEqual({ status: 200, body: 'taken' });
  });

  it.each([
    ['/clusters/c', { timed: true }],
    ['/clusters/c', { longTurn: true }],
  ])('is refused in the envelope: %s, %j', async (path, state) => {
    expect(await ask(path, state)).toMatchObject({ status: 503, body: { object: 'error' } });
  });

  it.each([
    [503, 'unavailable', { queued: true }],
    [503, 'unavailable', { longTurn: true }],
    [429, 'too_many_requests', { queue: true, busyLoop: true }],
  ])('is refused as Prometheus would: %i', async (status, errorType, state) => {
    expect(await ask(query, state)).toMatchObject({
      status,
      body: { status: 'error', errorType },
    });
  });
});
