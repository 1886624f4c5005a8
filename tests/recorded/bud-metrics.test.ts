import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { end, large, small, startClusters } from '../metrics/support/clusters.js';
import { startService, type TestService } from '../metrics/support/service.js';
import { createTestSidecar, type TestSidecar } from '../metrics/support/sidecar.js';
import type { Store } from '../metrics/support/store.js';
import { expectRecorded, familiesOf } from './recording.js';

let store: Store;
let service: TestService;
let sidecar: TestSidecar;

beforeAll(async () => {
  store = await startClusters();
  sidecar = createTestSidecar();
  service = await startService({
    ...{ prometheus: store.url, now: end, dapr: sidecar.dapr },
    environment: { ALERT_CPU_USAGE_WARNING: '1', ALERT_CPU_USAGE_CRITICAL: '2' },
  });
}, 180_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await store.stop();
});

it('describes itself as before', async () => {
  const { body } = await service.get('/openapi.json');
  await expectRecorded('bud-metrics/openapi.json', body);
});

it('exposes the metrics it exposed before', async () => {
  const exposition = await (await fetch(`${service.url}/metrics`)).text();
  await expectRecorded('bud-metrics/metric-families.json', familiesOf(exposition));
});

it.each([
  ['metrics-all', `/clusters/${small}/metrics?time_range=10min`],
  ['metrics-columns', `/clusters/${small}/metrics?time_range=today&series=columns`],
  ['metrics-large', `/clusters/${large}/metrics?metric_type=cpu&series=false&node=n-7`],
  ['node-metrics', `/clusters/${small}/node-metrics`],
  ['clusters', '/clusters'],
  ['explain', `/clusters/${small}/queries/explain?query=up`],
  ['unknown-cluster', '/clusters/0f000000-0000-4000-8000-0000000000ff/metrics'],
  ['bad-range', `/clusters/${small}/metrics?time_range=year`],
])('answers %s as before', async (name, path) => {
  const { status, body } = await service.get(path);
  Reflect.deleteProperty(body, 'request_id');
  if (name === 'explain') Reflect.deleteProperty(body.data as object, 'execution_time_seconds');
  await expectRecorded(`bud-metrics/${name}.json`, { status, ...body });
});

it('stores what it stored before', async () => {
  const event = (cluster_id: string, data: object = {}) => ({
    ...{ id: '1', source: 'test', specversion: '1.0', type: 'com.dapr.event.sent' },
    ...{ time: '2026-03-10T11:59:00Z', data: { cluster_id, ...data } },
  });
  await service.deliver('/events/cluster-created', event(small, { name: 'small' }));
  await service.deliver('/events/cluster-deleted', event(large));
  await fetch(`${service.url}/clusters/${small}/alert-thresholds`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cpu_usage: { warning: 1, critical: 2 } }),
  });
  expect((await service.deliver('/evaluate-alerts', {})).status).toBe(200);
  const stored = [...sidecar.state.all()].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify(stored).replaceAll(/"holder":"[^"]+"/g, '"holder":"replica"');
  await expectRecorded('bud-metrics/state.json', JSON.parse(text));
});
