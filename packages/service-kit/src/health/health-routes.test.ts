import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { UpstreamError } from '@bud-monitoring/client';
import type { StackHealth } from '@bud-monitoring/contracts';
import { send, startApp } from '../testing/app.js';
import { runComponentChecks } from './component-checks.js';

const healthy = { status: 'healthy', details: {} } as const;
const noStack = () => Promise.resolve({});

describe('/health', () => {
  it('says that the process lives, whatever else does not', async () => {
    const gone = () => Promise.reject(new Error('gone'));
    await using service = await startApp({ health: { ready: gone, stack: gone } });

    const reply = await send(service.url, '/health');

    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({
      object: 'service.health',
      message: 'bud-test is alive',
      data: { status: 'alive', name: 'bud-test', version: '1.2.3' },
    });
  });
});

describe('/ready', () => {
  it('follows the lifecycle and lists what the replica lacks', async () => {
    let lacks: string[] = [];
    await using service = await startApp({
      health: { ready: () => Promise.resolve(lacks), stack: noStack },
    });

    const starting = await send(service.url, '/ready');
    service.app.lifecycle.markRunning();
    const ready = await send(service.url, '/ready');
    lacks = ['sidecar', 'state store'];
    const lacking = await send(service.url, '/ready');
    lacks = [];
    service.app.lifecycle.markStopping();
    const keptAlive = { headers: { connection: 'keep-alive' } };
    const stopping = await send(service.url, '/ready', keptAlive);

    expect([starting, ready, lacking, stopping].map(({ status }) => status)).toEqual([
      503, 200, 503, 503,
    ]);
    expect(starting.json()['details']).toEqual([{ message: 'the service is starting' }]);
    expect(ready.json()['data']).toEqual({ status: 'ready' });
    expect(lacking.json()).toMatchObject({
      object: 'error',
      code: 503,
      message: 'Not ready: sidecar, state store',
      details: [{ message: 'sidecar' }, { message: 'state store' }],
    });
    expect(stopping.json()['details']).toEqual([{ message: 'the service is stopping' }]);
    expect(stopping.headers.connection).toBe('close');
  });

  it('says no when the check itself fails', async () => {
    await using service = await startApp({
      health: { ready: () => Promise.reject(new Error('gone')), stack: noStack },
    });
    service.app.lifecycle.markRunning();

    const reply = await send(service.url, '/ready');

    expect(reply.status).toBe(503);
    expect(reply.json()['details']).toEqual([{ message: 'the readiness check failed' }]);
  });

  it('does not wait for ever', async () => {
    await using service = await startApp({
      health: { ready: () => new Promise(() => undefined), stack: noStack },
    });
    service.app.lifecycle.markRunning();

    const reply = await send(service.url, '/ready');

    expect(reply.status).toBe(503);
    expect(reply.json()['details']).toEqual([{ message: 'the readiness check is late' }]);
  });
});

describe('/health/stack', () => {
  it.each<[string, StackHealth, number, string]>([
    ['all is well', { prometheus: healthy }, 200, 'No part is unhealthy'],
    [
      'a part is degraded or unknown',
      {
        prometheus: { status: 'degraded', details: { up: 0.5 } },
        grafana: { status: 'unknown', details: {} },
      },
      200,
      'No part is unhealthy',
    ],
    [
      'a part is unhealthy',
      { prometheus: healthy, grafana: { status: 'unhealthy', details: { reason: 'down' } } },
      503,
      'Unhealthy: grafana',
    ],
  ])('answers when %s', async (_what, stack, status, message) => {
    await using service = await startApp({
      health: { ready: () => Promise.resolve([]), stack: () => Promise.resolve(stack) },
    });

    const reply = await send(service.url, '/health/stack');

    expect(reply.status).toBe(status);
    expect(reply.json()).toEqual({ object: 'service.stack-health', message, data: stack });
  });

  it('asks the parts once for callers at the same time', async () => {
    let runs = 0;
    const stack = async () => {
      runs += 1;
      await wait(50);
      return { prometheus: healthy };
    };
    await using service = await startApp({ health: { ready: () => Promise.resolve([]), stack } });

    await Promise.all([1, 2, 3].map(() => send(service.url, '/health/stack')));
    const after = runs;
    await send(service.url, '/health/stack');

    expect([after, runs]).toEqual([1, 2]);
  });
});

describe('runComponentChecks', () => {
  it('asks all parts at once, each within its own deadline', async () => {
    const aborted: string[] = [];
    const startedAt = performance.now();

    const stack = await runComponentChecks(
      {
        quick: () => Promise.resolve(healthy),
        slow: () => wait(50, healthy),
        late: async (signal) => {
          signal.addEventListener('abort', () => aborted.push('late'));
          await wait(400, undefined, { signal });
          return healthy;
        },
        deaf: () => new Promise(() => undefined),
        down: () => Promise.reject(new UpstreamError({ upstream: 'grafana', code: 'unreachable' })),
        broken: () => Promise.reject(new Error('http://me:pw@db')),
      },
      { deadlineMs: 100 },
    );

    expect(performance.now() - startedAt).toBeLessThan(350);
    expect(aborted).toEqual(['late']);
    expect(stack).toEqual({
      quick: healthy,
      slow: healthy,
      late: { status: 'unhealthy', details: { reason: 'no answer within 0.1 s' } },
      deaf: { status: 'unhealthy', details: { reason: 'no answer within 0.1 s' } },
      down: { status: 'unhealthy', details: { reason: 'grafana could not be reached' } },
      broken: { status: 'unhealthy', details: { reason: 'the check failed' } },
    });
  });
});
