import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FleetCluster, Warning } from '@bud-monitoring/contracts';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { startService, type TestService } from './support/service.js';
import { startStore, stores } from './support/store.js';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
/** A dot is no wildcard, and letters keep their case. */
const names = ['Prod.East-1', 'ProdxEast-1', 'staging_2'];
const uuid = '0c300000-0000-4000-8000-000000000001';

const series = [...names, uuid].flatMap((cluster, index) => [
  ...nodeSeries(
    { cluster, job: 'node-exporter', instance: `10.0.0.${index + 1}:9100` },
    { nodename: `n${index}` },
  ),
  ...kubernetesNode(cluster, { name: `n${index}`, ip: `10.0.0.${index + 1}` }),
]);

describe.each(stores)('clusters that are called by names, on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;

  beforeAll(async () => {
    store = await startStore([{ start: end - 3600, end, interval: 30, series }], version);
  }, 180_000);

  afterAll(() => store.stop());

  const start = (environment: Record<string, string>) =>
    startService({ prometheus: store.url, now: end, environment });
  const fleetOf = async (service: TestService) => {
    const { body } = await service.get('/clusters');
    return body.data as { clusters: FleetCluster[]; warnings: Warning[] };
  };

  it('are clusters in every route, event and scoped query', async () => {
    await using service = await start({ CLUSTER_ID_FORMAT: 'label' });
    const fleet = await fleetOf(service);
    expect(fleet.clusters.map(({ cluster_id: id }) => id).sort()).toEqual([uuid, ...names].sort());
    expect(fleet.warnings.map(({ code }) => code)).not.toContain('cluster_label_format');
    for (const [index, name] of names.entries()) {
      const { nodes, cluster_id: id } = await service.metrics(name, 'time_range=10min');
      expect([id, Object.keys(nodes)]).toEqual([name, [`10.0.0.${index + 1}:9100`]]);
      const details = await service.nodeMetrics(name);
      expect(Object.keys(details.nodes)).toEqual([`10.0.0.${index + 1}`]);
      const query = `/clusters/${name}/prometheus/api/v1/query?time=${end}&query=node_uname_info`;
      const scoped = (await service.get(query)) as unknown as {
        body: { data: { result: { metric: { cluster: string } }[] } };
      };
      expect(scoped.body.data.result.map(({ metric }) => metric.cluster)).toEqual([name]);
      expect((await service.get(`/clusters/${name}/alerts`)).status).toBe(200);
    }
    expect((await service.get('/clusters/prod.east-1/metrics')).status).toBe(404);
    expect((await service.get('/clusters/a%7Cb/metrics')).status).toBe(400);

    const deleted = { specversion: '1.0', id: '1', time: '2026-03-10T11:59:00Z' };
    const data = { cluster_id: 'staging_2' };
    const reply = await service.deliver('/events/cluster-deleted', { ...deleted, data });
    expect(reply.body).toEqual({ status: 'SUCCESS' });
    expect((await service.get('/clusters/staging_2/metrics')).status).toBe(404);
  });

  it('are counted in a warning that names the setting where ids are UUIDs', async () => {
    await using service = await start({});
    const fleet = await fleetOf(service);
    expect(fleet.clusters.map(({ cluster_id: id }) => id)).toEqual([uuid]);
    const warning = fleet.warnings.find(({ code }) => code === 'cluster_label_format');
    expect(warning!.message).toContain('(3): Prod.East-1');
    expect(warning!.message).toContain('CLUSTER_ID_FORMAT=label');
    expect((await service.get('/clusters/staging_2/metrics')).status).toBe(400);
  });
});
