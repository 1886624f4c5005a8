import { describe, expect, it } from '@jest/globals';
import { currentContext, UpstreamError } from '@bud-monitoring/client';
import { createAuthenticator } from '../auth/authenticator.js';
import { memoryLogger, send, startApp, type Reply, type TestApp } from '../testing/app.js';
import {
  defineCron,
  defineSubscription,
  type DaprRoute,
  type DeliveryContext,
  type DeliveryStatus,
} from './dapr-route.js';

const fromSidecar = { 'dapr-api-token': 'from-the-sidecar' };
const cloudEvent = { ...fromSidecar, 'content-type': 'application/cloudevents+json' };

async function startWith(daprRoutes: DaprRoute[], appApiToken?: string): Promise<TestApp> {
  const { logger } = memoryLogger();
  const authenticator = createAuthenticator(
    {
      mode: 'jwt',
      appId: 'bud-dashboard',
      appApiToken: appApiToken ?? fromSidecar['dapr-api-token'],
      trustedAppIds: ['bud-billing'],
      jwksUrl: 'http://127.0.0.1:1/certs',
      issuers: [],
      audiences: [],
      algorithms: [],
      accessTokensOnly: true,
    },
    { logger },
  );
  return startApp({ daprRoutes, authenticator });
}

interface Delivered {
  event: unknown;
  context: DeliveryContext;
}

function recorder(path = '/events/cluster-created') {
  const delivered: Delivered[] = [];
  const route = defineSubscription({
    path,
    handler: (event, context) => {
      delivered.push({ event, context });
      return Promise.resolve('SUCCESS');
    },
  });
  return { route, delivered };
}

function deliver(
  service: TestApp,
  body: string,
  headers: Record<string, string | string[]>,
): Promise<Reply> {
  return send(service.url, '/events/cluster-created', { method: 'POST', headers, body });
}

async function deliveries(service: TestApp): Promise<string[]> {
  const { text } = await send(service.url, '/metrics');
  return text.split('\n').filter((line) => line.startsWith('dapr_deliveries_total{'));
}

describe('a subscription', () => {
  it.each([
    [
      'application/cloudevents+json',
      '{"id":"1","data":{"cluster_id":"x"}}',
      { id: '1', data: { cluster_id: 'x' } },
      false,
    ],
    ['application/json', '{"type":"register_cluster"}', { type: 'register_cluster' }, false],
    ['application/json', '{"data":0}', { data: 0 }, false],
    ['application/json', '"text"', 'text', false],
    ['application/octet-stream', '{"id":"2"}', { id: '2' }, false],
    ['application/cloudevents+json', '{"id":', '{"id":', true],
    ['text/plain', 'no JSON', 'no JSON', true],
    ['application/json', '', '', true],
  ])('hands %s %s on', async (type, body, event, malformed) => {
    const { route, delivered } = recorder();
    await using service = await startWith([route]);

    const reply = await deliver(service, body, { ...fromSidecar, 'content-type': type });

    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({ status: 'SUCCESS' });
    expect(delivered).toMatchObject([{ event, context: { malformed } }]);
  });

  it('answers what its handler decides, and counts it', async () => {
    const answers = ['SUCCESS', 'DROP', 'RETRY', 'DROP'] as const;
    const left = [...answers];
    const route = defineSubscription({
      path: '/events/cluster-created',
      handler: () => Promise.resolve(left.shift() ?? 'SUCCESS'),
    });
    await using service = await startWith([route]);

    const statuses: unknown[] = [];
    while (left.length > 0) {
      const reply = await deliver(service, '{}', cloudEvent);
      statuses.push(reply.json()['status']);
    }

    expect(statuses).toEqual(answers);
    expect(await deliveries(service)).toEqual([
      'dapr_deliveries_total{route="/events/cluster-created",status="SUCCESS"} 1',
      'dapr_deliveries_total{route="/events/cluster-created",status="DROP"} 2',
      'dapr_deliveries_total{route="/events/cluster-created",status="RETRY"} 1',
    ]);
  });

  const down = new UpstreamError({ upstream: 'dapr', code: 'unreachable' });
  it.each([
    [
      'DROP',
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
    ['DROP', 'rejects', () => Promise.reject(new Error('a bug'))],
    ['RETRY', 'meets a state store that is down', () => Promise.reject(down)],
  ])('answers %s when its handler %s, and logs it', async (status, _how, handler) => {
    const route = defineSubscription({ path: '/events/cluster-created', handler });
    await using service = await startWith([route]);

    const reply = await deliver(service, '{}', cloudEvent);

    expect(reply.status).toBe(200);
    expect(reply.json()).toEqual({ status });
    expect(service.lines.filter(({ level }) => level === 'error')).toMatchObject([
      {
        message: 'event handler failed',
        route: '/events/cluster-created',
        requestId: reply.headers['x-request-id'],
      },
    ]);
    expect(await deliveries(service)).toEqual([
      `dapr_deliveries_total{route="/events/cluster-created",status="${status}"} 1`,
    ]);
  });

  it('shows an event that keeps being answered RETRY until it is handled', async () => {
    let status: DeliveryStatus = 'RETRY';
    const handler = () => Promise.resolve(status);
    await using service = await startWith([
      defineSubscription({ path: '/events/cluster-created', handler }),
    ]);
    const health = async () => {
      const data = (await send(service.url, '/health/stack')).json()['data'];
      const { deliveries: stuck } = data as { deliveries: unknown };
      const { text } = await send(service.url, '/metrics');
      return { stuck, metric: /^dapr_stuck_events (\d+)$/m.exec(text)?.[1] };
    };
    const healthy = { stuck: { status: 'healthy', details: { stuck_events: 0 } }, metric: '0' };

    for (let n = 0; n < 5; n += 1) await deliver(service, '{"id":"a"}', cloudEvent);
    await deliver(service, '{"id":"b"}', cloudEvent);
    expect(await health()).toEqual(healthy);
    await deliver(service, '{"id":"a"}', cloudEvent);
    expect(await health()).toMatchObject({
      stuck: {
        status: 'degraded',
        details: { stuck_events: 1, routes: ['/events/cluster-created'] },
      },
      metric: '1',
    });
    status = 'SUCCESS';
    await deliver(service, '{"id":"a"}', cloudEvent);
    expect(await health()).toEqual(healthy);
  });

  it.each([
    ['too large', 'x'.repeat(9 * 1024 * 1024), {}],
    ['in an unknown encoding', '{}', { 'content-encoding': 'klingon' }],
  ])('drops a body that is %s, since it would be so again', async (_what, body, headers) => {
    const { route, delivered } = recorder();
    await using service = await startWith([route]);

    const reply = await deliver(service, body, { ...cloudEvent, ...headers });

    expect(reply.json()).toEqual({ status: 'DROP' });
    expect(delivered).toEqual([]);
    expect(service.lines.some(({ message }) => message.startsWith('event dropped'))).toBe(true);
  });

  it('takes a body as large as daprd lets through', async () => {
    const { route, delivered } = recorder();
    await using service = await startWith([route]);

    await deliver(service, JSON.stringify('x'.repeat(4 * 1024 * 1024)), cloudEvent);

    expect(delivered).toMatchObject([{ context: { malformed: false } }]);
  });

  it("runs in its request's context", async () => {
    const seen: unknown[] = [];
    const route = defineSubscription({
      path: '/events/cluster-created',
      handler: (_event, { requestId }) => {
        seen.push(requestId, currentContext()?.requestId);
        return Promise.resolve('SUCCESS');
      },
    });
    await using service = await startWith([route]);

    await deliver(service, '{}', { ...cloudEvent, 'x-request-id': 'r-9' });

    expect(seen).toEqual(['r-9', 'r-9']);
  });
});

describe('a cron route', () => {
  it('runs on a tick, and tells daprd by OPTIONS that it is there', async () => {
    let ticks = 0;
    const route = defineCron({
      path: '/cron-reconcile',
      handler: () => {
        ticks += 1;
        return Promise.resolve();
      },
    });
    await using service = await startWith([route]);

    const asked = await send(service.url, '/cron-reconcile', { method: 'OPTIONS' });
    const ticked = await send(service.url, '/cron-reconcile', {
      method: 'POST',
      headers: fromSidecar,
    });

    expect([asked.status, ticked.status, ticks]).toEqual([204, 200, 1]);
    expect(await deliveries(service)).toEqual([
      'dapr_deliveries_total{route="/cron-reconcile",status="SUCCESS"} 1',
    ]);
  });

  it('that throws is logged and answers 500', async () => {
    const route = defineCron({
      path: '/cron-reconcile',
      handler: () => Promise.reject(new Error('broke')),
    });
    await using service = await startWith([route]);

    const reply = await send(service.url, '/cron-reconcile', {
      method: 'POST',
      headers: fromSidecar,
    });

    expect(reply.status).toBe(500);
    expect(service.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { error: { message: 'broke' } },
    ]);
    expect(await deliveries(service)).toEqual([
      'dapr_deliveries_total{route="/cron-reconcile",status="FAILED"} 1',
    ]);
  });
});

describe('what the sidecar alone may call', () => {
  it.each<[string, Record<string, string | string[]>]>([
    ['without token', {}],
    ['with an empty token', { 'dapr-api-token': '' }],
    ['with a wrong token', { 'dapr-api-token': 'from-the-sidecaR' }],
    ['with the token twice', { 'dapr-api-token': ['from-the-sidecar', 'from-the-sidecar'] }],
    ['as an invocation', { ...fromSidecar, 'dapr-caller-app-id': 'bud-gateway' }],
    [
      'as an invocation by a trusted app',
      {
        ...fromSidecar,
        'dapr-caller-app-id': 'bud-billing',
        'dapr-callee-app-id': 'bud-dashboard',
      },
    ],
    ['with an empty caller', { ...fromSidecar, 'dapr-caller-app-id': '' }],
    ['with two callers', { ...fromSidecar, 'dapr-caller-app-id': ['a', 'b'] }],
    ['with a bearer token instead', { authorization: 'Bearer a.b.c' }],
  ])('refuses a call %s', async (_what, headers) => {
    const { route, delivered } = recorder();
    let ticks = 0;
    const cron = defineCron({
      path: '/cron',
      handler: () => {
        ticks += 1;
        return Promise.resolve();
      },
    });
    await using service = await startWith([route, cron]);

    const event = await deliver(service, '{}', { ...headers, 'content-type': 'application/json' });
    const tick = await send(service.url, '/cron', { method: 'POST', headers });

    expect([event.status, tick.status]).toEqual([403, 403]);
    expect(event.json()).toMatchObject({ object: 'error', type: 'ForbiddenError' });
    expect([delivered.length, ticks]).toEqual([0, 0]);
    expect(service.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: expect.stringContaining('delivery refused'), route: '/events/cluster-created' },
      { message: expect.stringContaining('delivery refused'), route: '/cron' },
    ]);
  });

  it('stays closed to callers with AUTH_MODE=off, token or not', async () => {
    const { logger } = memoryLogger();
    const { route } = recorder();
    const off = { mode: 'off', appId: 'x', trustedAppIds: [] } as const;
    const start = (appApiToken?: string) =>
      startApp({
        daprRoutes: [route],
        authenticator: createAuthenticator({ ...off, appApiToken }, { logger }),
      });
    await using bare = await start();
    await using tokened = await start('from-the-sidecar');
    const invoked = { 'dapr-caller-app-id': 'a' };

    const statuses = await Promise.all([
      deliver(bare, '{}', {}),
      deliver(bare, '{}', invoked),
      deliver(tokened, '{}', {}),
      deliver(tokened, '{}', fromSidecar),
      deliver(tokened, '{}', { ...fromSidecar, ...invoked }),
    ]);

    expect(statuses.map(({ status }) => status)).toEqual([200, 403, 403, 200, 403]);
  });

  it('answers only POST', async () => {
    const { route } = recorder();
    await using service = await startWith([route]);

    const reply = await send(service.url, '/events/cluster-created', { headers: fromSidecar });

    expect([reply.status, reply.headers.allow]).toEqual([405, 'POST']);
  });

  it('is declared elsewhere: the list of subscriptions is empty', async () => {
    const { route } = recorder();
    await using service = await startWith([route]);

    const reply = await send(service.url, '/dapr/subscribe');

    expect([reply.status, reply.text]).toEqual([200, '[]']);
  });
});
