import { afterEach, describe, expect, it } from '@jest/globals';

import { createDashboardClient, type DashboardClient } from './bud-dashboard/client.js';
import { createMetricsClient, type MetricsClient } from './bud-metrics/client.js';
import { createDapr } from './dapr/dapr.js';
import type { Dapr } from './dapr/types.js';
import { failureOf, startUpstream, type FakeUpstream, type Reply } from './testing/upstream.js';

const open: Dapr[] = [];
afterEach(async () => {
  for (const dapr of open.splice(0)) await dapr.stop();
});

function daprOn(sidecar: FakeUpstream): Dapr {
  const dapr = createDapr({ baseUrl: sidecar.url });
  open.push(dapr);
  return dapr;
}

const id = '6f1c7e5e-0000-4000-8000-000000000001';
const coverage = { nodes_expected: 0, nodes_reporting: 0, newest_sample_age_seconds: null };

describe('the client of bud-metrics', () => {
  const route = `GET /v1.0/invoke/bud-metrics/method/clusters/${id}/metrics`;
  const data = {
    nodes: {},
    cluster_summary: {},
    timestamp: '2026-01-01T00:00:00Z',
    time_range: 'today',
    cluster_id: id,
    cluster_name: 'one',
    metric_type: 'cpu',
    window: { start: 0, end: 600, step: 300, previous: { start: -600, end: 0 } },
    coverage,
    warnings: [],
  };
  const answer: Reply = { json: { object: 'cluster.metrics', message: 'm', data } };

  it('asks with query and token, and returns the data', async () => {
    await using sidecar = await startUpstream({ [route]: answer });
    const client = createMetricsClient({ dapr: daprOn(sidecar) });
    const query = { metric_type: 'cpu', node: ['a', 'b'], step: undefined } as const;
    const got = await client.getClusterMetrics(
      id,
      { ...query, node: [...query.node] },
      { token: 't' },
    );
    expect(got).toEqual(data);
    expect(sidecar.seen[0]?.query.toString()).toBe('metric_type=cpu&node=a&node=b');
    expect(sidecar.seen[0]?.headers.authorization).toBe('Bearer t');
  });

  it('reads node metrics from the app it was given', async () => {
    const nodes = { cluster_id: id, cluster_name: 'one', nodes: {}, coverage, warnings: [] };
    await using sidecar = await startUpstream({
      [`GET /v1.0/invoke/other/method/clusters/${id}/node-metrics`]: {
        json: { object: 'cluster.node-metrics', message: 'm', data: nodes },
      },
    });
    const client = createMetricsClient({ dapr: daprOn(sidecar), appId: 'other' });
    expect(await client.getNodeMetrics(id)).toEqual(nodes);
    expect(sidecar.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('lists the fleet page by page', async () => {
    const page = { clusters: [], next: id, total: 3, warnings: [] };
    await using sidecar = await startUpstream({
      'GET /v1.0/invoke/bud-metrics/method/clusters': {
        json: { object: 'clusters', message: 'm', data: page },
      },
    });
    const client = createMetricsClient({ dapr: daprOn(sidecar) });
    expect(await client.listClusters({ limit: 2, cursor: undefined }, { token: 't' })).toEqual(
      page,
    );
    expect(sidecar.seen[0]?.query.toString()).toBe('limit=2');
    expect(sidecar.seen[0]?.headers.authorization).toBe('Bearer t');
  });

  const thresholds = {
    cluster_id: id,
    thresholds: {
      cpu_usage: { warning: 50, critical: 60 },
      memory_usage: { warning: 80, critical: 95 },
      disk_usage: { warning: 85, critical: 95 },
      network_errors: { warning: 100, critical: 500 },
      node_not_ready: { enabled: true },
    },
    overridden: ['cpu_usage'],
  };
  const own = { cpu_usage: thresholds.thresholds.cpu_usage };
  it.each<[string, string, (client: MetricsClient) => Promise<unknown>]>([
    ['GET', '', (client) => client.getAlertThresholds(id, { token: 't' })],
    ['PUT', JSON.stringify(own), (client) => client.putAlertThresholds(id, own, { token: 't' })],
    ['DELETE', '', (client) => client.resetAlertThresholds(id, { token: 't' })],
  ])('sends %s to the thresholds of a cluster', async (method, body, ask) => {
    await using sidecar = await startUpstream({
      [`${method} /v1.0/invoke/bud-metrics/method/clusters/${id}/alert-thresholds`]: {
        json: { object: 'cluster.alert-thresholds', message: 'm', data: thresholds },
      },
    });
    const client = createMetricsClient({ dapr: daprOn(sidecar) });
    expect(await ask(client)).toEqual(thresholds);
    expect(sidecar.seen).toHaveLength(1);
    expect(sidecar.seen[0]?.body).toBe(body);
    expect(sidecar.seen[0]?.headers.authorization).toBe('Bearer t');
  });

  it('reads alerts, and the rules as the file they are', async () => {
    const alert = {
      id: '1',
      cluster_id: id,
      cluster_name: 'one',
      severity: 'critical',
      metric: 'cpu_usage',
      node: 'a:9100',
      hostname: null,
      value: 97,
      threshold: 90,
      message: 'hot',
      state: 'firing',
      since: 1,
    };
    const data = { cluster_id: id, evaluated_at: 2, alerts: [alert], warnings: [] };
    const base = `GET /v1.0/invoke/bud-metrics/method/clusters/${id}`;
    await using sidecar = await startUpstream({
      [`${base}/alerts`]: { json: { object: 'cluster.alerts', message: 'm', data } },
      [`${base}/alert-rules`]: {
        headers: { 'content-type': 'application/yaml' },
        text: 'groups: []\n',
      },
    });
    const client = createMetricsClient({ dapr: daprOn(sidecar) });
    expect(await client.getAlerts(id)).toEqual(data);
    expect(await client.getAlertRules(id)).toBe('groups: []\n');
  });

  const refusal = (code: number, type: string, message: string, headers = {}): Reply => ({
    status: code,
    headers,
    json: { object: 'error', code, type, message, request_id: 'r' },
  });
  it.each<[Reply, Record<string, unknown>]>([
    [
      refusal(404, 'NotFoundError', 'Cluster not found'),
      { code: 'not_found', status: 404, detail: 'Cluster not found' },
    ],
    [
      refusal(503, 'ServiceUnavailableError', 'later', { 'retry-after': '7' }),
      { code: 'unreachable', status: 503, retryAfterSeconds: 7 },
    ],
    [refusal(403, 'ForbiddenError', 'no'), { code: 'forbidden' }],
    [{ json: { object: 'cluster.metrics', message: 'm', data: {} } }, { code: 'bad_answer' }],
    [{ status: 500, json: { errorCode: 'ERR_DIRECT_INVOKE' } }, { code: 'unreachable' }],
  ])('names the service in the failure of %j', async (reply, expected) => {
    await using sidecar = await startUpstream({ [route]: [reply] });
    const client = createMetricsClient({ dapr: daprOn(sidecar) });
    expect(await failureOf(client.getClusterMetrics(id))).toMatchObject({
      name: 'UpstreamError',
      upstream: 'bud-metrics',
      ...expected,
    });
  });
});

describe('a sidecar that does not let us', () => {
  const route = `GET /v1.0/invoke/bud-metrics/method/clusters/${id}/metrics`;
  it.each<[Reply, string]>([
    [{ status: 401, text: 'invalid api token' }, 'dapr did not accept our credentials'],
    [
      { status: 403, json: { errorCode: 'ERR_DIRECT_INVOKE' } },
      'dapr does not allow this with our credentials',
    ],
  ])('is named, and not the app behind it: %j', async (reply, message) => {
    await using sidecar = await startUpstream({ [route]: [reply] });
    const client = createMetricsClient({ dapr: daprOn(sidecar) });
    expect(await failureOf(client.getClusterMetrics(id))).toMatchObject({ message });
  });
});

describe('the client of bud-dashboard', () => {
  it.each([
    [200, 'ready', 'https://grafana/public-dashboards/1'],
    [202, 'pending', null],
  ])('takes %i for an answer (%s)', async (status, state, url) => {
    const data = {
      cluster_id: id,
      name: 'one',
      url,
      uid: id,
      status: state,
      dashboards: [],
      sharing: { enabled: true, expires_at: null },
    };
    await using sidecar = await startUpstream({
      [`GET /v1.0/invoke/bud-dashboard/method/clusters/${id}/grafana-dashboard`]: {
        status,
        json: { object: 'cluster.grafana-dashboard', message: 'm', data },
      },
    });
    const client = createDashboardClient({ dapr: daprOn(sidecar) });
    expect(await client.getGrafanaDashboard(id)).toEqual(data);
  });

  const dashboards = `/v1.0/invoke/bud-dashboard/method/clusters/${id}/grafana-dashboard`;
  it.each<[string, string, string, string, (client: DashboardClient) => Promise<unknown>]>([
    [
      'POST',
      dashboards,
      'force=true',
      '',
      (c) => c.provisionGrafanaDashboard(id, { force: 'true' }),
    ],
    ['DELETE', dashboards, '', '', (c) => c.removeGrafanaDashboard(id)],
    ['POST', `${dashboards}/rotate-link`, '', '', (c) => c.rotateLink(id, { token: 't' })],
    [
      'PUT',
      `${dashboards}/sharing`,
      '',
      '{"enabled":false}',
      (c) => c.putSharing(id, { enabled: false }),
    ],
  ])('sends %s %s?%s', async (method, path, query, body, ask) => {
    const data = {
      ...{ cluster_id: id, name: 'one', url: null, uid: id, status: 'disabled' },
      ...{ dashboards: [], sharing: { enabled: false, expires_at: null } },
    };
    await using sidecar = await startUpstream({
      [`${method} ${path}`]: {
        json: { object: 'cluster.grafana-dashboard', message: 'm', data },
      },
    });
    expect(await ask(createDashboardClient({ dapr: daprOn(sidecar) }))).toEqual(data);
    expect(sidecar.seen[0]?.query.toString()).toBe(query);
    expect(sidecar.seen[0]?.body).toBe(body);
  });
});
