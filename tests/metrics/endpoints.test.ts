import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { end, small, startClusters } from './support/clusters.js';
import { startService } from './support/service.js';

let store: Awaited<ReturnType<typeof startClusters>>;

beforeAll(async () => {
  store = await startClusters();
}, 180_000);

afterAll(() => store.stop());

const start = (environment: Record<string, string> = {}) =>
  startService({ prometheus: store.url, now: end, environment });

describe('the endpoints beside metrics', () => {
  it('describes itself and reports the health of the stack', async () => {
    await using service = await start();
    const document = (await service.get('/openapi.json')).body as unknown as { paths: object };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/clusters/{cluster_id}/metrics',
        '/clusters/{cluster_id}/node-metrics',
        '/clusters/{cluster_id}/node-events/{node}',
      ]),
    );
    expect((await service.get('/health')).status).toBe(200);
    expect((await service.get('/ready')).status).toBe(200);
    const { status, body } = await service.get('/health/stack');
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      prometheus: { status: 'healthy', details: { metrics_count: expect.any(Number) as unknown } },
      grafana: { status: 'unknown' },
      metrics_collection: { status: 'unknown' },
      'bud-cluster': { status: 'healthy' },
      sidecar: { status: 'healthy' },
    });
  });

  it('passes the events of a node on', async () => {
    await using service = await start();
    const { status, body } = await service.get(`/clusters/${small}/node-events/n-1`);
    expect([status, body.data]).toEqual([200, { node: 'n-1', events: [] }]);
    const { nodes } = await service.nodeMetrics(small);
    const [key, { node, hostname }] = Object.entries(nodes)[0]!;
    for (const name of [key, node, hostname!, hostname!.toUpperCase()]) {
      const answer = await service.get(
        `/clusters/${small}/node-events/${encodeURIComponent(name)}`,
      );
      expect([name, answer.status, answer.body.data]).toEqual([
        ...[name, 200, { node: hostname, events: [] }],
      ]);
    }
    service.directory.known = [{ id: 'i', name: 'w-1', internalIp: '10.20.0.11', devices: [] }];
    for (const name of ['w-1', 'W-1', '10.20.0.11', '10.20.0.11:9100']) {
      const answer = await service.get(`/clusters/${small}/node-events/${name}`);
      expect(answer.body.data).toEqual({ node: 'w-1', events: [] });
    }
    const unknown = await service.get(`/clusters/${small}/node-events/nope`);
    expect([unknown.status, unknown.body.message]).toEqual([404, 'Node not found']);
    expect((await service.get(`/clusters/${small}/node-events/..%2Fnodes`)).status).toBe(400);
    service.directory.down = true;
    expect((await service.get(`/clusters/${small}/node-events/n-1`)).status).toBe(503);
    await service.deliver('/events/cluster-deleted', { data: { cluster_id: small } });
    expect((await service.get(`/clusters/${small}/node-events/n-1`)).status).toBe(404);
  });

  it('drops events that can never be used, and takes deliveries of the sidecar only', async () => {
    await using service = await start();
    for (const event of ['text', {}, { data: { cluster_id: 'east' } }]) {
      const { body } = await service.deliver('/events/cluster-created', event);
      expect(body).toEqual({ status: 'DROP' });
    }
    const forged = await fetch(`${service.url}/events/cluster-deleted`, {
      method: 'POST',
      body: '{}',
    });
    expect(forged.status).toBe(403);
  });
});
