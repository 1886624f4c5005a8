import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ApiError } from '../http/errors/api-error.js';
import { defineRawRoute, defineRoute } from '../http/route.js';
import { whoAmIRoute } from '../http/who-am-i.js';
import { memoryLogger, send, startApp, until, type LogLine, type TestApp } from '../testing/app.js';
import {
  audience,
  issuer,
  signingKey,
  signToken,
  startKeyServer,
  type KeyServer,
  type SigningKey,
} from '../testing/keys.js';
import { createAuthenticator } from './authenticator.js';
import { namespacesOf } from './caller.js';

const mine = '0b9b1f1e-6f0f-4a3e-9d53-3f6d3c9d4a11';
const other = '7c1f6f5e-1111-4a3e-9d53-3f6d3c9d4a22';

let key: SigningKey;
let keys: KeyServer;

beforeAll(async () => {
  key = await signingKey('key-1');
  keys = await startKeyServer([key.publicJwk]);
});
afterAll(async () => {
  await keys[Symbol.asyncDispose]();
});

const shared = { summary: 'Test', object: 'test.access', data: z.unknown() };
const view = defineRoute({
  ...shared,
  method: 'get',
  path: '/clusters/{cluster_id}/metrics',
  permission: 'cluster:view',
  query: z.object({ fail: z.enum(['true']).optional() }),
  handler: ({ query, caller }) => {
    if (query.fail) throw ApiError.notFound('Cluster not found');
    return { data: { subject: caller.subject, kind: caller.kind }, message: 'Seen' };
  },
});
const manage = defineRoute({
  ...shared,
  method: 'delete',
  path: '/clusters/{cluster_id}/dashboard',
  permission: 'cluster:manage',
  handler: () => ({ data: null, message: 'Gone' }),
});
const fleet = defineRoute({
  ...shared,
  method: 'get',
  path: '/clusters',
  permission: 'cluster:view',
  handler: () => ({ data: null, message: 'All' }),
});
const own = defineRoute({
  ...shared,
  method: 'get',
  path: '/clusters/{cluster_id}/own',
  permission: 'cluster:view',
  namespaces: 'own',
  handler: ({ caller }) => ({ data: Array.from(namespacesOf(caller, mine)), message: 'Own' }),
});
const open = defineRoute({
  ...shared,
  method: 'get',
  path: '/open',
  permission: 'public',
  handler: ({ caller }) => ({ data: [...caller.permissions], message: 'Open' }),
});
const stream = defineRawRoute({
  method: 'get',
  path: '/clusters/{cluster_id}/stream',
  summary: 'Test',
  permission: 'cluster:view',
  produces: 'text/event-stream',
  timeoutMs: null,
  handler: async ({ signal }, _request, response) => {
    response.writeHead(200).flushHeaders();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    response.end();
  },
});

async function startGuarded(): Promise<TestApp> {
  const { logger, lines } = memoryLogger();
  const authenticator = createAuthenticator(
    {
      mode: 'jwt',
      appId: 'bud-metrics',
      appApiToken: 'from-the-sidecar',
      trustedAppIds: ['bud-billing'],
      jwksUrl: keys.url,
      issuers: [issuer],
      audiences: [audience],
      algorithms: ['RS256'],
      accessTokensOnly: true,
    },
    { logger },
  );
  const routes = [view, manage, fleet, own, open, stream, whoAmIRoute()];
  const service = await startApp({ routes, authenticator, logger });
  return { ...service, lines };
}

async function bearer(claims: Record<string, unknown> = {}): Promise<Record<string, string>> {
  return { authorization: `Bearer ${await signToken(key, claims)}` };
}

function audits(lines: LogLine[]): LogLine[] {
  return lines.filter((line) => line['audit'] === true);
}

describe('who asks what it may do', () => {
  it.each([
    [
      { permissions: ['cluster:manage'] },
      {
        permissions: expect.arrayContaining(['cluster:view', 'cluster:manage']) as unknown,
        ...{ clusters: null, namespaces: null },
      },
    ],
    // One that may do nothing is told so, and not refused.
    [
      { permissions: [], clusters: [mine] },
      { permissions: [], clusters: [mine] },
    ],
    [{ namespaces: ['a'] }, { permissions: ['cluster:view'], namespaces: ['a'] }],
  ])('is told: %j', async (claims, expected) => {
    await using service = await startGuarded();
    const reply = await send(service.url, '/me', { headers: await bearer(claims) });
    expect(reply.status).toBe(200);
    expect(reply.json()['data']).toMatchObject({
      ...{ kind: 'user', expires_at: expect.any(Number) },
      ...expected,
    });
  });

  it('must show a token', async () => {
    await using service = await startGuarded();
    expect((await send(service.url, '/me')).status).toBe(401);
  });
});

describe('access to a cluster', () => {
  const manager = { permissions: ['cluster:manage'] };
  const limited = { clusters: [mine.toUpperCase()] };

  it.each([
    ['view with view', 'GET', `/clusters/${mine}/metrics`, {}, 200],
    ['view with manage', 'GET', `/clusters/${mine}/metrics`, manager, 200],
    ['manage with manage', 'DELETE', `/clusters/${mine}/dashboard`, manager, 200],
    ['manage with view', 'DELETE', `/clusters/${mine}/dashboard`, {}, 403],
    ['view with nothing', 'GET', `/clusters/${mine}/metrics`, { permissions: [] }, 403],
    ['a listed cluster', 'GET', `/clusters/${mine}/metrics`, limited, 200],
    [
      'a listed cluster in upper case',
      'GET',
      `/clusters/${mine.toUpperCase()}/metrics`,
      limited,
      200,
    ],
    ['a cluster not listed', 'GET', `/clusters/${other}/metrics`, limited, 403],
    ['a cluster with an empty list', 'GET', `/clusters/${mine}/metrics`, { clusters: [] }, 403],
    ['a malformed id', 'GET', '/clusters/x/metrics', {}, 400],
    ['a malformed id without permission', 'GET', '/clusters/x/metrics', { permissions: [] }, 403],
    ['a wrong query out of reach', 'GET', `/clusters/${other}/metrics?x=1`, limited, 403],
    ['the fleet with a limited token', 'GET', '/clusters', limited, 200],
    ['more than its namespaces', 'GET', `/clusters/${mine}/metrics`, { namespaces: ['a'] }, 403],
    ['more than no namespace', 'GET', `/clusters/${mine}/metrics`, { namespaces: [] }, 403],
    ['a fleet with namespaces', 'GET', '/clusters', { namespaces: ['a'] }, 403],
    ['its own namespaces', 'GET', `/clusters/${mine}/own`, { namespaces: ['a'] }, 200],
    [
      'more than the namespaces of this cluster',
      'GET',
      `/clusters/${mine}/metrics`,
      { cluster_namespaces: { [mine]: ['a'] } },
      403,
    ],
    [
      'all of a cluster beside one with namespaces',
      'GET',
      `/clusters/${mine}/metrics`,
      { clusters: [mine, other], cluster_namespaces: { [other]: ['a'] } },
      200,
    ],
  ])('%s', async (_what, method, path, claims, status) => {
    await using service = await startGuarded();

    const reply = await send(service.url, path, { method, headers: await bearer(claims) });

    expect(reply.status).toBe(status);
  });

  it('is refused without token before anything else is told', async () => {
    await using service = await startGuarded();

    const replies = await Promise.all([
      send(service.url, `/clusters/${mine}/metrics`),
      send(service.url, '/clusters/x/metrics?y=1'),
    ]);

    for (const reply of replies) {
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Bearer');
      expect(reply.json()).toMatchObject({ object: 'error', code: 401, type: 'UnauthorizedError' });
    }
  });

  it('leaves public routes open, which then know nobody', async () => {
    await using service = await startGuarded();

    const reply = await send(service.url, '/open', {
      headers: { authorization: 'Bearer nonsense' },
    });

    expect(reply.status).toBe(200);
    expect(reply.json()['data']).toEqual([]);
    expect(audits(service.lines)).toEqual([]);
  });
});

describe('a call through Dapr', () => {
  const genuine = {
    'dapr-caller-app-id': 'bud-billing',
    'dapr-callee-app-id': 'bud-metrics',
    'dapr-api-token': 'from-the-sidecar',
  };
  const without = (name: keyof typeof genuine) =>
    Object.fromEntries(Object.entries(genuine).filter(([header]) => header !== name));

  it('of a trusted app is taken for that app', async () => {
    await using service = await startGuarded();

    const reply = await send(service.url, `/clusters/${mine}/metrics`, { headers: genuine });

    expect(reply.json()['data']).toEqual({ subject: 'bud-billing', kind: 'app' });
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['no caller', without('dapr-caller-app-id')],
    ['no callee', without('dapr-callee-app-id')],
    ['no token', without('dapr-api-token')],
    ['a wrong token', { ...genuine, 'dapr-api-token': 'from-the-sidecaR' }],
    ['a token of another length', { ...genuine, 'dapr-api-token': 'from' }],
    ['an empty token', { ...genuine, 'dapr-api-token': '' }],
    ['the token twice', { ...genuine, 'dapr-api-token': ['from-the-sidecar', 'from-the-sidecar'] }],
    ['an app that is not trusted', { ...genuine, 'dapr-caller-app-id': 'bud-stranger' }],
    ['the gateway', { ...genuine, 'dapr-caller-app-id': 'bud-gateway' }],
    ['an empty caller', { ...genuine, 'dapr-caller-app-id': '' }],
    ['the caller in another case', { ...genuine, 'dapr-caller-app-id': 'Bud-Billing' }],
    [
      'a forged caller before the genuine one',
      { ...genuine, 'dapr-caller-app-id': ['bud-billing', 'bud-gateway'] },
    ],
    [
      'the genuine caller before a forged one',
      { ...genuine, 'dapr-caller-app-id': ['bud-gateway', 'bud-billing'] },
    ],
    [
      'the trusted caller twice',
      { ...genuine, 'dapr-caller-app-id': ['bud-billing', 'bud-billing'] },
    ],
    ['two callers in one header', { ...genuine, 'dapr-caller-app-id': 'bud-billing,bud-gateway' }],
    ['another callee', { ...genuine, 'dapr-callee-app-id': 'bud-dashboard' }],
    ['two callees', { ...genuine, 'dapr-callee-app-id': ['bud-metrics', 'bud-dashboard'] }],
    [
      'a forged namespace beside it',
      { ...without('dapr-api-token'), 'dapr-caller-namespace': 'default' },
    ],
  ])('is nobody with %s', async (_what, headers) => {
    await using service = await startGuarded();

    const reply = await send(service.url, `/clusters/${mine}/metrics`, { headers });

    expect(reply.status).toBe(401);
  });

  it('of a trusted app that shows a token is held to that token', async () => {
    await using service = await startGuarded();
    const path = `/clusters/${mine}/metrics`;

    const asUser = await send(service.url, path, { headers: { ...genuine, ...(await bearer()) } });
    const limited = await send(service.url, path, {
      headers: { ...genuine, ...(await bearer({ clusters: [other] })) },
    });
    const nonsense = await send(service.url, path, {
      headers: { ...genuine, authorization: 'Bearer nonsense' },
    });

    expect(asUser.json()['data']).toEqual({ subject: 'user-1', kind: 'user' });
    expect([limited.status, nonsense.status]).toEqual([403, 401]);
  });

  it('of an app that is not trusted counts by its bearer token', async () => {
    await using service = await startGuarded();

    const reply = await send(service.url, `/clusters/${mine}/metrics`, {
      headers: { ...genuine, 'dapr-caller-app-id': 'bud-gateway', ...(await bearer()) },
    });

    expect(reply.json()['data']).toEqual({ subject: 'user-1', kind: 'user' });
  });
});

describe('the audit log', () => {
  it('says who did what to which cluster, and how it ended', async () => {
    await using service = await startGuarded();
    const headers = await bearer({ clusters: [mine] });
    const path = `/clusters/${mine.toUpperCase()}/metrics`;

    await send(service.url, path, { headers: { ...headers, 'x-request-id': 'r-1' } });
    await send(service.url, `/clusters/${other}/metrics`, { headers });
    await send(service.url, path);
    await send(service.url, `${path}?fail=true`, { headers });
    await send(service.url, `${path}?x=1`, { headers });
    await send(service.url, '/clusters/x/metrics', { headers });
    await send(service.url, '/clusters', { headers });

    const common = { level: 'info', message: 'cluster access', permission: 'cluster:view' };
    const user = { ...common, subject: 'user-1', callerKind: 'user', action: `GET ${view.path}` };
    expect(audits(service.lines)).toMatchObject([
      { ...user, clusterId: mine, outcome: 'allowed', status: 200, requestId: 'r-1' },
      { ...user, clusterId: other, outcome: 'denied', status: 403 },
      {
        ...common,
        subject: null,
        callerKind: null,
        clusterId: mine,
        outcome: 'denied',
        status: 401,
      },
      { ...user, clusterId: mine, outcome: 'failed', status: 404 },
      { ...user, clusterId: mine, outcome: 'failed', status: 400 },
      { ...user, clusterId: null, outcome: 'failed', status: 400 },
      { ...user, action: 'GET /clusters', clusterId: '*', outcome: 'allowed', status: 200 },
    ]);
  });

  it('holds no secret', async () => {
    await using service = await startGuarded();
    const headers = {
      ...(await bearer()),
      'dapr-api-token': 'from-the-sidecar',
      cookie: 'hunter2',
    };

    await send(service.url, `/clusters/${mine}/metrics`, { headers });
    await send(service.url, `/clusters/${mine}/metrics`, {
      headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' },
    });

    const log = JSON.stringify(service.lines);
    expect(audits(service.lines)).toHaveLength(2);
    for (const secret of ['eyJ', 'from-the-sidecar', 'hunter2']) expect(log).not.toContain(secret);
  });

  it('does not wait for the end of a stream', async () => {
    await using service = await startGuarded();
    const caller = new AbortController();

    const call = send(service.url, `/clusters/${mine}/stream`, {
      headers: await bearer(),
      signal: caller.signal,
    });
    await until(() => audits(service.lines).length > 0);
    caller.abort();
    await expect(call).rejects.toThrow('aborted');
    await until(() => service.lines.some(({ message }) => message === 'request handled'));

    expect(audits(service.lines)).toMatchObject([{ clusterId: mine, outcome: 'allowed' }]);
  });
});
