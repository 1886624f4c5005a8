import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorSchema } from '@bud-monitoring/contracts';
import { service, startStack, type Sidecar, type Stack } from '@bud-monitoring/stack';
import { createHmac } from 'node:crypto';
import { createEchoApp } from '../support/echo-app.js';
import { rawRequest, type RawAnswer } from '../support/raw-request.js';

const trusted = 'bud-billing';
const stranger = 'bud-stranger';
const ID = '7f3c0a51-4d0c-4f11-9a53-0a1b2c3d4e60';
const services = [
  { appId: 'bud-metrics', path: '/clusters', cron: ['/evaluate-alerts'] },
  { appId: 'bud-dashboard', path: '/dashboards', cron: ['/reconcile-dashboards'] },
];
let stack: Stack;

beforeAll(async () => {
  const own = { AUTH_TRUSTED_APP_IDS: trusted };
  stack = await startStack({
    prometheus: true,
    grafana: true,
    gateway: true,
    apps: [
      service('metrics', own),
      service('dashboard', own),
      createEchoApp(trusted),
      createEchoApp(stranger),
    ],
  });
}, 120_000);
afterAll(() => stack.stop());

type Headers = Record<string, string | string[]>;

/** A call as `from` makes it: from its own sidecar to that of `to`. */
function invoke(
  from: Sidecar,
  to: string,
  path: string,
  {
    headers = {},
    method = 'GET',
    body,
  }: { headers?: Headers; method?: string; body?: string } = {},
): Promise<RawAnswer> {
  return rawRequest(from.url, `/v1.0/invoke/${to}/method${path}`, {
    method,
    headers: { 'dapr-api-token': from.apiToken, ...headers },
    ...(body !== undefined && { body }),
  });
}

/** Sets of about a thousand headers, from few enough to too many for what the sidecars add. */
function manyHeaders(): Headers[] {
  const names = Array.from({ length: 1_000 }, (_, n) => `a${n.toString(36)}`);
  return Array.from({ length: 25 }, (_, n) =>
    Object.fromEntries(names.slice(n).map((name) => [name, '1'])),
  );
}

const sidecarOf = (appId: string) => stack.app(appId).sidecar;

function expectRefused(answer: RawAnswer, status: 401 | 403): void {
  expect(errorSchema.parse(JSON.parse(answer.body))).toMatchObject({ code: status });
  expect(answer.status).toBe(status);
}

describe.each(services)('$appId, called from sidecar to sidecar', ({ appId, path }) => {
  it('takes an app that it trusts for that app', async () => {
    expect((await invoke(sidecarOf(trusted), appId, path)).status).toBe(200);
  });

  it.each<[what: string, headers: Headers]>([
    ['as itself', {}],
    ['in the name of a trusted app', { 'dapr-caller-app-id': trusted }],
    ['in that name twice', { 'dapr-caller-app-id': [trusted, trusted] }],
    ['in that name, written otherwise', { 'Dapr-Caller-App-Id': `${trusted} ` }],
    ['in that name, in a list', { 'dapr-caller-app-id': `${trusted},` }],
    ['in nobody’s name', { 'dapr-caller-app-id': '' }],
    ['in the name of the service', { 'dapr-caller-app-id': 'bud-metrics' }],
    [
      'from another namespace',
      { 'dapr-caller-namespace': 'system', 'dapr-caller-app-id': trusted },
    ],
    ['with another callee', { 'dapr-callee-app-id': trusted, 'dapr-caller-app-id': trusted }],
    ['with a header of almost that name', { dapr_caller_app_id: trusted }],
  ])('knows nobody in a stranger that calls %s', async (_what, headers) => {
    expectRefused(await invoke(sidecarOf(stranger), appId, path, { headers }), 401);
  });

  // Node's own limit is a thousand, and the sidecars add about a dozen in the order of the alphabet.
  it('knows nobody in a stranger whose name comes behind a thousand other headers', async () => {
    for (const others of manyHeaders()) {
      const headers = { ...others, 'dapr-caller-app-id': trusted };
      expectRefused(await invoke(sidecarOf(stranger), appId, path, { headers }), 401);
    }
  });

  it('does not trust a trusted app that names a second caller', async () => {
    const headers = { 'dapr-caller-app-id': 'bud-gateway' };
    expectRefused(await invoke(sidecarOf(trusted), appId, path, { headers }), 401);
  });

  it('knows nobody who comes past the sidecars, whoever he says he is', async () => {
    const said = { 'dapr-caller-app-id': trusted, 'dapr-callee-app-id': appId };
    const tokens = ['', 'guessed', sidecarOf(trusted).apiToken, sidecarOf(appId).apiToken];
    for (const token of tokens) {
      const headers = { ...said, 'dapr-api-token': token };
      expectRefused(await rawRequest(stack.app(appId).url, path, { headers }), 401);
    }
  });
});

const deliveries = services.flatMap(({ appId, cron }) =>
  ['/events/cluster-created', '/events/cluster-deleted', ...cron].map((path): [string, string] => [
    appId,
    path,
  ]),
);

describe('what only the sidecar itself may deliver', () => {
  const event = { id: 'forged', source: 'x', type: 'x', specversion: '1.0' };
  const body = JSON.stringify({ ...event, data: { cluster_id: ID, name: 'forged' } });
  const method = 'POST';
  const json = { 'content-type': 'application/cloudevents+json' };

  it.each(deliveries)('is refused when an app invokes it: %s %s', async (appId, path) => {
    // Whoever holds the token of its own sidecar is the service itself: daprd names no caller then.
    const callers = [trusted, stranger, 'bud-metrics', 'bud-dashboard'].filter(
      (id) => id !== appId,
    );
    for (const caller of callers.map(sidecarOf)) {
      for (const forged of [{}, { 'dapr-caller-app-id': '' }, { 'dapr-callee-app-id': '' }]) {
        const headers = { ...json, ...forged };
        expectRefused(await invoke(caller, appId, path, { method, body, headers }), 403);
      }
    }
  });

  it.each(deliveries)('is refused behind a thousand headers: %s %s', async (appId, path) => {
    for (const others of manyHeaders()) {
      const headers = { ...json, ...others };
      const answer = await invoke(sidecarOf(stranger), appId, path, { method, body, headers });
      expectRefused(answer, 403);
    }
  });

  it.each(deliveries)('is refused past the sidecars: %s %s', async (appId, path) => {
    for (const token of ['', 'guessed', sidecarOf(appId).apiToken]) {
      const headers = { ...json, 'dapr-api-token': token };
      const direct = await rawRequest(stack.app(appId).url, path, { method, body, headers });
      expectRefused(direct, 403);
    }
  });

  it('has changed nothing', async () => {
    const answer = await invoke(
      sidecarOf(trusted),
      'bud-dashboard',
      `/clusters/${ID}/grafana-dashboard`,
    );
    expect(answer.status).toBe(404);
  });
});

describe.each(services)('a token shown to $appId through the gateway', ({ appId, path }) => {
  const ask = (authorization: string, to = `/api${path}`) =>
    rawRequest(stack.gateway!.url, to, { headers: { authorization } });
  const view = { permissions: ['cluster:view' as const] };
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = () => ({
    permissions: ['cluster:manage'],
    sub: 'x',
    exp: 4_000_000_000,
    iss: stack.identity.issuer,
    aud: stack.identity.audience,
  });

  it('opens when it is right', async () => {
    expect((await ask(`Bearer ${await stack.identity.mintToken(view)}`)).status).toBe(200);
  });

  it.each<[what: string, change: Record<string, unknown>]>([
    ['that has expired', { expiresIn: '-1h' }],
    ['of another issuer', { issuer: 'https://elsewhere.example' }],
    ['for another audience', { audience: 'elsewhere' }],
    ['whose clusters are no list', { extra: { clusters: ID } }],
    ['whose namespaces are no list', { extra: { namespaces: { a: 1 } } }],
  ])('is refused %s', async (_what, change) => {
    const token = await stack.identity.mintToken({ ...view, ...change });
    expectRefused(await ask(`Bearer ${token}`), 401);
  });

  it('is refused without a signature, or with one made of the public key', async () => {
    const keys = await (await fetch(stack.identity.jwksUrl)).text();
    const unsigned = `${base64({ alg: 'none' })}.${base64(claims())}.`;
    const head = `${base64({ alg: 'HS256', kid: 'development' })}.${base64(claims())}`;
    const signed = `${head}.${createHmac('sha256', keys).update(head).digest('base64url')}`;
    const own = { alg: 'ES256', jku: 'https://elsewhere.example/jwks.json', kid: 'mine' };
    const pointing = `${base64(own)}.${base64(claims())}.${base64('x')}`;
    for (const token of [unsigned, signed, pointing])
      expectRefused(await ask(`Bearer ${token}`), 401);
  });

  it('is refused with claims changed after it was signed', async () => {
    const [head, , signature] = (await stack.identity.mintToken(view)).split('.');
    expectRefused(await ask(`Bearer ${head}.${base64(claims())}.${signature}`), 401);
  });

  it('opens no other cluster than its own, and nothing without a permission', async () => {
    const route = appId === 'bud-metrics' ? 'metrics' : 'grafana-dashboard';
    const other = await stack.identity.mintToken({ ...view, clusters: ['x'] });
    const none = await stack.identity.mintToken({ permissions: [] });
    for (const token of [other, none]) {
      expectRefused(await ask(`Bearer ${token}`, `/api/clusters/${ID}/${route}`), 403);
    }
  });

  it('is missed where the gateway is told in whose name it calls', async () => {
    const said = { 'dapr-caller-app-id': trusted, 'dapr-callee-app-id': appId };
    const headers = { ...said, 'dapr-api-token': sidecarOf(appId).appToken };
    expectRefused(await rawRequest(stack.gateway!.url, `/api${path}`, { headers }), 401);
  });
});
