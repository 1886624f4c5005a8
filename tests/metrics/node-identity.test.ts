import { describe, expect, it } from '@jest/globals';
import {
  constant,
  ramp,
  series,
  type KnownSeries,
  type ValueAt,
} from '../../stack/src/fleet/index.js';
import { inTurn, kubernetesNode, nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const reused = '0c200000-0000-4000-8000-000000000001';
const domains = '0c200000-0000-4000-8000-000000000002';
const pods = '0c200000-0000-4000-8000-000000000003';
const dishonoured = '0c200000-0000-4000-8000-000000000004';
const gpus = '0c200000-0000-4000-8000-000000000005';
const shared = '0c200000-0000-4000-8000-000000000006';
const twice = '0c200000-0000-4000-8000-000000000007';

const capitals = '0c200000-0000-4000-8000-00000000000a';
const ports = '0c200000-0000-4000-8000-000000000008';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 7200, interval: 30 };
/** Seconds after the first sample: the address changes hands a quarter of an hour before the end. */
const handover = 7200 - 900;

const exporterOf = (cluster: string, instance: string, nodename: string, more = {}, values = {}) =>
  nodeSeries(
    { cluster, job: 'node-exporter', instance, ...more },
    { nodename, busy: ramp(0.25), ...values },
  );

const valueOf = ({ values }: KnownSeries) => values as ValueAt;
const whileThere = (all: KnownSeries[], alive: (elapsed: number) => boolean): KnownSeries[] =>
  all.map((one) => ({
    ...one,
    values: (elapsed: number, time: number) => {
      return alive(elapsed) ? valueOf(one)(elapsed, time) : undefined;
    },
  }));
const early = (elapsed: number) => elapsed < handover;
const late = (elapsed: number) => elapsed >= handover;

const all: KnownSeries[] = [
  // The machine `old` had 16 cores and was busy with all; `new` has two and its address.
  ...inTurn([
    ...whileThere(
      exporterOf(reused, '10.0.0.1:9100', 'old', {}, { cores: 16, busy: ramp(1) }),
      early,
    ),
    ...whileThere(exporterOf(reused, '10.0.0.1:9100', 'new'), late),
  ]),
  ...whileThere(kubernetesNode(reused, { name: 'old', ip: '10.0.0.1' }), early),
  ...whileThere(kubernetesNode(reused, { name: 'new', ip: '10.0.0.1' }), late),
  ...exporterOf(domains, 'n1.example.org:9100', 'n1.example.org'),
  ...kubernetesNode(domains, { name: 'n1', ip: '10.0.0.1' }),
  ...[1, 2].flatMap((index) => [
    ...exporterOf(pods, `10.244.0.${index}:9100`, `exporter-${index}`, { node: `n${index}` }),
    ...kubernetesNode(pods, { name: `n${index}`, ip: `10.0.0.${index}` }),
    // kube-state-metrics runs on n1, and its scrape does not honour labels.
    ...exporterOf(dishonoured, `10.0.0.${index}:9100`, `n${index}`),
    ...kubernetesNode(dishonoured, {
      name: `n${index}`,
      ip: `10.0.0.${index}`,
      ready: index === 1 ? 'true' : 'false',
    }).map((one) => ({
      ...one,
      labels: { ...one.labels, node: 'n1', exported_node: `n${index}` },
    })),
  ]),
  ...exporterOf(gpus, '10.0.0.1:9100', 'g1'),
  ...kubernetesNode(gpus, { name: 'g1', ip: '10.0.0.1' }),
  series(
    'DCGM_FI_DEV_GPU_UTIL',
    {
      ...{ cluster: gpus, instance: '10.244.0.9:9400', Hostname: 'dcgm-x7k' },
      ...{ kubernetes_node: 'g1', UUID: 'GPU-1' },
    },
    constant(40),
  ),
  series(
    'kepler_node_package_joules_total',
    { cluster: gpus, instance: '10.244.0.8:28282', exported_instance: 'g1' },
    ramp(40),
  ),
  ...[1, 2, 3].flatMap((index) =>
    exporterOf(shared, 'localhost:9100', `n${index}`, { agent: `a${index}` }),
  ),
  ...['10.0.0.1:9100', '10.0.0.1:9796', 'n1:9100'].flatMap((instance) =>
    exporterOf(twice, instance, 'n1'),
  ),
  ...exporterOf(twice, '10.0.0.2:9100', 'n2'),
  ...exporterOf(capitals, '10.0.0.1:9100', 'n1'),
  ...exporterOf(capitals.toUpperCase(), '10.0.0.2:9100', 'n2'),
  ...['10.0.0.1:9100', '10.0.0.1:9796'].flatMap((instance) => exporterOf(ports, instance, 'n1')),
];

const query = 'time_range=10min&series=false';
const codesOf = (warnings: readonly { code: string }[]) => warnings.map(({ code }) => code);

describe.each(stores)('whose a series is, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it('gives an address to who holds it now, and mixes nothing', async () => {
    const { nodes } = await service.nodeMetrics(reused);
    expect(nodes['10.0.0.1']).toMatchObject({ hostname: 'new', status: 'Ready' });
    expectNear(nodes['10.0.0.1']!.cpu.usage_percent, 25);
    expect(nodes['old']).toMatchObject({ hostname: 'old', cpu: { current: null } });
    const hour = await service.metrics(
      reused,
      `start=${end - 3600}&end=${end}&series=true&step=60`,
    );
    const own = hour.nodes['10.0.0.1:9100']!;
    expect(own.hostname).toBe('new');
    expectNear(own.cpu!.usage_percent, 25);
    // From five minutes after the other was seen last: that is known to five minutes.
    expectNear(own.cpu!.average, 25);
    expectNear(own.network_in!.average, 8);
    expectNear(hour.cluster_summary.cpu!.average, 25);
    const points = own.cpu!.time_series as { value: number | null }[];
    const known = points.filter(({ value }) => value !== null);
    expect(known.length).toBeGreaterThan(3);
    for (const { value } of known) expectNear(value, 25);
    expect(hour.warnings).toContainEqual(
      expect.objectContaining({ code: 'address_reused', nodes: ['10.0.0.1:9100'] }),
    );
    const after = await service.metrics(reused, query);
    expectNear(after.nodes['10.0.0.1:9100']!.cpu!.average, 25);
    expect(after.nodes['10.0.0.1:9100']!.cpu!.previous_average).toBeNull();
    expect(codesOf(after.warnings)).not.toContain('address_reused');
  });

  it.each([
    ['a name with and without its domain', domains, ['n1']],
    ['a label that names the node of a pod', pods, ['n1', 'n2']],
    ['labels that were not honoured', dishonoured, ['n1', 'n2']],
    ['labels of DCGM and Kepler', gpus, ['g1']],
  ])('joins by %s', async (_what, cluster, names) => {
    const { nodes, warnings } = await service.metrics(cluster, query);
    expect(
      Object.values(nodes)
        .map(({ hostname }) => hostname)
        .sort(),
    ).toEqual(names);
    expect(codesOf(warnings)).not.toContain('unknown_node');
    const details = await service.nodeMetrics(cluster);
    const hostnames = Object.values(details.nodes).map(({ hostname }) => hostname);
    expect(hostnames.sort()).toEqual(names);
    for (const node of Object.values(details.nodes)) expectNear(node.cpu.usage_percent, 25);
  });

  it('reads the state and capacity of the node that the series is about', async () => {
    const { nodes } = await service.nodeMetrics(dishonoured);
    expect(nodes['10.0.0.1']).toMatchObject({ status: 'Ready', capacity: { pods: '110' } });
    expect(nodes['10.0.0.2']).toMatchObject({ status: 'NotReady', capacity: { pods: '110' } });
    const { nodes: own } = await service.metrics(gpus, query);
    expect(own['10.0.0.1:9100']).toMatchObject({
      gpu: { utilization_percent: 40 },
      power: { average_watts: 40 },
    });
  });

  it('leaves out what several machines send under one instance', async () => {
    const { nodes, warnings } = await service.metrics(shared, query);
    for (const node of Object.values(nodes)) expect(node.cpu!.usage_percent).toBeNull();
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'ambiguous_instance', nodes: ['localhost:9100'] }),
    );
    const details = await service.nodeMetrics(shared);
    for (const { cpu } of Object.values(details.nodes)) expect(cpu.usage_percent).toBeNull();
  });

  it('takes a cluster label in capitals for the same cluster', async () => {
    const { nodes, cluster_summary: summary, warnings } = await service.metrics(capitals, query);
    expect(Object.keys(nodes).sort()).toEqual(['10.0.0.1:9100', '10.0.0.2:9100']);
    expectNear(summary.cpu!.average, 25);
    expect(codesOf(warnings)).toContain('cluster_label_case');
    const { body } = await service.get('/clusters');
    const fleet = body.data as { clusters: { cluster_id: string }[]; warnings: { code: string }[] };
    expect(fleet.clusters.find(({ cluster_id: own }) => own === capitals)).toMatchObject({
      nodes: 2,
      memory: { total_gib: 32 },
    });
    expect(codesOf(fleet.warnings)).toContain('cluster_label_case');
  });

  it('reaches such a cluster in scoped queries and exported rules', async () => {
    const api = `/clusters/${capitals}/prometheus/api/v1`;
    const instances = ['10.0.0.1:9100', '10.0.0.2:9100'];
    for (const own of ['', `{cluster="${capitals}"}`, `{cluster="${capitals}",job!="x"}`]) {
      const { body } = await service.get(
        `${api}/query?time=${end}&query=${encodeURIComponent(`node_uname_info${own}`)}`,
      );
      const { result } = body.data as { result: { metric: { instance: string } }[] };
      expect(result.map(({ metric }) => metric.instance).sort()).toEqual(instances);
    }
    const values = `${api}/label/instance/values?start=${end - 600}&end=${end}`;
    expect((await service.get(values)).body.data).toEqual(instances);
    const explained = await service.get(`/clusters/${capitals}/queries/explain?query=up`);
    expect(explained.body.data).toMatchObject({
      scoped_query: `up{cluster=~"${capitals.toUpperCase()}|${capitals}"}`,
    });
    const rules = await fetch(`${service.url}/clusters/${capitals}/alert-rules`);
    expect(await rules.text()).toContain(capitals.toUpperCase());
    const other = await service.get(`/clusters/${twice}/queries/explain?query=up`);
    expect(other.body.data).toMatchObject({ scoped_query: `up{cluster="${twice}"}` });
  });

  it('counts a machine with several exporters once', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(twice, query);
    expect(Object.keys(nodes).sort()).toEqual(['10.0.0.1:9100', '10.0.0.2:9100']);
    expect(summary.memory).toMatchObject({ total_gib: 32, usage_percent: 75 });
    expect(summary.cpu).toMatchObject({ cores: 4 });
    expectNear(summary.network_in!.average, 16);
    const { body } = await service.get('/clusters');
    const { clusters } = body.data as { clusters: { cluster_id: string }[] };
    for (const [cluster, count] of [
      [ports, 1],
      [twice, 2],
    ] as const)
      expect(clusters.find(({ cluster_id: own }) => own === cluster)).toMatchObject({
        nodes: count,
        cpu: { usage_percent: 25, cores: 2 * count },
        memory: { total_gib: 16 * count, usage_percent: 75 },
      });
    const { nodes: details } = await service.nodeMetrics(twice);
    expect(Object.keys(details)).toHaveLength(2);
  });
});
