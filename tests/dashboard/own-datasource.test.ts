import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type InstanceOptions, type TestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;
const templates = smallTemplates();
const url = 'http://prometheus.invalid:9090';
const headers = {
  'content-type': 'application/json',
  authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}`,
};

async function started(env: TestEnv, options: InstanceOptions = {}) {
  const service = env.instance({ datasourceUrl: url, ...options });
  service.resyncLoop.start();
  await service.deliver('created', { id, name: 'east' });
  await env.advance(second);
  return service;
}

const path = (env: TestEnv) => `${env.grafana.url}/api/datasources/uid/prometheus`;

interface Source extends Record<string, unknown> {
  url: string;
  jsonData: Record<string, unknown>;
}

async function source(env: TestEnv): Promise<Source> {
  const response = await fetch(path(env), { headers });
  return (await response.json()) as Source;
}

describe('the data source that we make', () => {
  it.each<[string, InstanceOptions['storeAccess'], Record<string, unknown>]>([
    ['nothing', {}, { basicAuth: false, jsonData: { timeInterval: '60s' }, secureJsonFields: {} }],
    [
      'a user, a password and a tenant',
      { username: 'u', password: 'hush', tenant: 'team-a' },
      {
        basicAuth: true,
        basicAuthUser: 'u',
        jsonData: { httpHeaderName1: 'X-Scope-OrgID' },
        secureJsonFields: { basicAuthPassword: true, httpHeaderValue1: true },
      },
    ],
    [
      'a token, a tenant and a certificate authority',
      { token: 'hush', tenant: 'team-a', ca: 'PEM' },
      {
        basicAuth: false,
        jsonData: {
          httpHeaderName1: 'Authorization',
          httpHeaderName2: 'X-Scope-OrgID',
          tlsAuthWithCACert: true,
        },
        secureJsonFields: { httpHeaderValue1: true, httpHeaderValue2: true, tlsCACert: true },
      },
    ],
  ])('has what a store wants: %s', async (_, storeAccess, wanted) => {
    await using env = await startTestEnv({ templates });
    await started(env, storeAccess === undefined ? {} : { storeAccess });

    const made = await source(env);

    expect(made).toMatchObject({ url, type: 'prometheus', access: 'proxy', ...wanted });
    expect(JSON.stringify(made)).not.toMatch(/hush|team-a|PEM/);
  });

  it('is written once, and again where it is to be another', async () => {
    await using env = await startTestEnv({ templates });
    const service = await started(env, { storeAccess: { token: 'first' } });
    await env.advance(25 * minute);
    expect(env.grafana.writes.datasourcesSaved).toBe(1);

    service.killSwitch.kill();
    await started(env, { storeAccess: { token: 'second' } });
    await env.advance(11 * minute);
    expect(env.grafana.writes.datasourcesSaved).toBe(2);
  });

  it.each<[string, (env: TestEnv) => Promise<unknown>]>([
    ['was removed', (env) => fetch(path(env), { method: 'DELETE', headers })],
    [
      'was changed',
      async (env) => {
        const { jsonData, ...rest } = await source(env);
        const body = { ...rest, url: 'http://elsewhere', jsonData: { ...jsonData, mine: 1 } };
        return fetch(path(env), { method: 'PUT', headers, body: JSON.stringify(body) });
      },
    ],
  ])('comes back as it was where it %s', async (_, spoil) => {
    await using env = await startTestEnv({ templates });
    await started(env);
    await spoil(env);

    await env.advance(11 * minute);

    expect(await source(env)).toMatchObject({ url, jsonData: { timeInterval: '60s' } });
  });

  it('stays as it is where it is somebody else’s', async () => {
    await using env = await startTestEnv({ templates });
    const body = { uid: 'prometheus', name: 'Mine', type: 'prometheus', access: 'proxy', url: 'x' };
    await fetch(`${env.grafana.url}/api/datasources`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    await started(env);

    expect(await source(env)).toMatchObject({ name: 'Mine', url: 'x', version: 1 });
  });

  it('that we may not change costs nothing', async () => {
    await using env = await startTestEnv({ templates });
    const first = await started(env);
    first.killSwitch.kill();
    env.grafana.fail(403, { match: /^PUT \/api\/datasources/ });

    const service = await started(env, { datasourceUrl: 'http://other.invalid' });
    await env.advance(11 * minute);

    expect(service.statusCounts.at(-1)).toMatchObject({ ready: 1 });
  });
});
