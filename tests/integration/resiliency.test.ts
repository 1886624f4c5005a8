import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { createEchoApp } from '../support/echo-app.js';

const cluster = createEchoApp('bud-cluster');
const dashboard = createEchoApp('bud-dashboard');
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ apps: [cluster, dashboard, createEchoApp('bud-metrics')] });
}, 60_000);
afterAll(() => stack.stop());
afterEach(() => {
  for (const app of [cluster, dashboard]) {
    app.seen.length = 0;
    app.answer = undefined;
  }
});

/** As bud-metrics calls: through its sidecar. A breaker belongs to a path, so each test has its own. */
async function invoke(appId: string, path: string) {
  const { url, apiToken } = stack.app('bud-metrics').sidecar;
  const start = performance.now();
  const response = await fetch(`${url}/v1.0/invoke/${appId}/method${path}`, {
    headers: { 'dapr-api-token': apiToken },
  });
  const body = await response.text();
  return { status: response.status, body, seconds: (performance.now() - start) / 1000 };
}

describe('a call to bud-cluster', () => {
  it('is made again while bud-cluster is unavailable', async () => {
    cluster.answer = (_, response) => {
      response.writeHead(cluster.seen.length < 3 ? 503 : 200).end('{"nodes":[]}');
    };
    expect(await invoke('bud-cluster', '/cluster/a/nodes')).toMatchObject({
      status: 200,
      body: '{"nodes":[]}',
    });
    expect(cluster.seen).toHaveLength(3);
  });

  it.each([404, 422, 500])('is made once when the answer is %d', async (status) => {
    cluster.answer = (_, response) => response.writeHead(status).end('{"why":"unknown"}');
    expect(await invoke('bud-cluster', `/cluster/b${status}/nodes`)).toMatchObject({
      status,
      body: '{"why":"unknown"}',
    });
    expect(cluster.seen).toHaveLength(1);
  });

  it('spares a bud-cluster that keeps failing, for the cluster it fails for', async () => {
    cluster.answer = ({ url }, response) => {
      response.writeHead(url.includes('/bad/') ? 500 : 200).end('{}');
    };
    for (let call = 0; call < 5; call += 1) await invoke('bud-cluster', '/cluster/bad/nodes');
    expect(cluster.seen).toHaveLength(5);

    const refused = await invoke('bud-cluster', '/cluster/bad/nodes');
    expect(refused.body).toContain('circuit breaker is open');
    expect(cluster.seen).toHaveLength(5);
    expect((await invoke('bud-cluster', '/cluster/good/nodes')).status).toBe(200);
  });
});

it('makes no call again to our own services: their clients know what may be repeated', async () => {
  dashboard.answer = (_, response) => response.writeHead(503).end('{}');
  expect((await invoke('bud-dashboard', '/dashboards')).status).toBe(503);
  expect(dashboard.seen).toHaveLength(1);
});
