import { afterEach, describe, expect, it } from '@jest/globals';

import { createDashboardClient } from './bud-dashboard/client.js';
import { createMetricsClient } from './bud-metrics/client.js';
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
    const nodes = { nodes: {}, coverage, warnings: [] };
    await using sidecar = await startUpstream({
      [`GET /v1.0/invoke/other/method/clusters/${id}/node-metrics`]: {
        json: { object: 'cluster.node-metrics', message: 'm', data: nodes },
      },
    });
    const client = createMetricsClient({ dapr: daprOn(sidecar), appId: 'other' });
    expect(await client.getNodeMetrics(id)).toEqual(nodes);
    expect(sidecar.seen[0]?.headers).not.toHaveProperty('authorization');
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
});
