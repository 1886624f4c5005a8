import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { end, small, startClusters, strange } from './support/clusters.js';
import { startService } from './support/service.js';

const nobody = '0f000000-0000-4000-8000-0000000000ff';

let store: Awaited<ReturnType<typeof startClusters>>;

beforeAll(async () => {
  store = await startClusters();
}, 180_000);

afterAll(() => store.stop());

const start = (environment: Record<string, string> = {}) =>
  startService({ prometheus: store.url, now: end, environment });

describe('whether a cluster exists', () => {
  const statusOf = async (service: Awaited<ReturnType<typeof start>>, id: string) => {
    const replies = await Promise.all(
      ['metrics', 'node-metrics'].map((path) => service.get(`/clusters/${id}/${path}`)),
    );
    return replies.map(({ status }) => status);
  };
  const event = (time: string, data: object) => ({ specversion: '1.0', id: 'x', time, data });

  it('is known by any series in the store, by bud-cluster or by an event', async () => {
    await using service = await start();
    expect(await statusOf(service, nobody)).toEqual([404, 404]);
    expect(await statusOf(service, strange)).toEqual([200, 200]);
    service.directory.known = [{ id: 'x', name: 'listed', internalIp: null, devices: [] }];
    expect(await statusOf(service, nobody)).toEqual([200, 200]);
    service.directory.known = [];
    expect(await statusOf(service, '0f000000-0000-4000-8000-0000000000fe')).toEqual([404, 404]);
    const created = event('2026-03-10T10:00:00Z', {
      cluster_id: '0F000000-0000-4000-8000-0000000000FE',
      name: 'new',
    });
    expect((await service.deliver('/events/cluster-created', created)).body).toEqual({
      status: 'SUCCESS',
    });
    expect(await statusOf(service, '0f000000-0000-4000-8000-0000000000fe')).toEqual([200, 200]);
  });

  it('ends with its deletion, whatever is still stored or kept', async () => {
    await using service = await start();
    expect(await statusOf(service, small)).toEqual([200, 200]);
    const deliver = (kind: string, time: string) =>
      service.deliver(`/events/cluster-${kind}`, event(time, { cluster_id: small }));
    await deliver('deleted', '2026-03-10T10:00:00Z');
    expect(await statusOf(service, small)).toEqual([404, 404]);
    await deliver('created', '2026-03-10T09:59:59Z');
    await deliver('created', '2026-03-10T10:00:00Z');
    expect(await statusOf(service, small)).toEqual([404, 404]);
    await deliver('created', '2026-03-10T10:00:01Z');
    expect(await statusOf(service, small)).toEqual([200, 200]);
  });

  it('cannot be said while bud-cluster cannot be asked', async () => {
    await using service = await start();
    service.directory.down = true;
    const { status, headers, body } = await service.get(`/clusters/${nobody}/metrics`);
    expect([status, body.type]).toEqual([503, 'ServiceUnavailableError']);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await statusOf(service, small)).toEqual([200, 200]);
  });
});
