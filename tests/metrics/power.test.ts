import { describe, expect, it } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { day, expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const old = '0d000000-0000-4000-8000-000000000001';
const current = '0d000000-0000-4000-8000-000000000002';
const lonely = '0d000000-0000-4000-8000-000000000005';
const mixed = '0d000000-0000-4000-8000-000000000003';

const doubtful = '0d000000-0000-4000-8000-000000000008';
const upgraded = '0d000000-0000-4000-8000-000000000006';
const renamed = '0d000000-0000-4000-8000-000000000009';
const twofold = '0d000000-0000-4000-8000-00000000000a';
const atRest = '0d000000-0000-4000-8000-00000000000b';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;
const sampled = { start: end - 2 * day, interval: 30 };
const at = (time: number) => time - sampled.start;

const kwh = (watts: number, hours: number) => (watts * hours) / 1000;

/** Kepler up to 0.9: `instance` is the node's name, and the zones overlap. */
function oldKepler(
  name: string,
  watts: { platform?: number; package: number; containers: number },
): KnownSeries[] {
  const labels = { cluster: old, job: 'kepler', instance: name };
  const zone = (metric: string, total: number) =>
    ['dynamic', 'idle'].map((mode, index) =>
      series(metric, { ...labels, mode, source: 'x' }, ramp(total * (index === 0 ? 0.75 : 0.25))),
    );
  return [
    ...(watts.platform === undefined
      ? []
      : zone('kepler_node_platform_joules_total', watts.platform)),
    ...['0', '1'].map((socket) =>
      series(
        'kepler_node_package_joules_total',
        { ...labels, package: socket, mode: 'dynamic' },
        ramp(watts.package / 2),
      ),
    ),
    series('kepler_node_dram_joules_total', { ...labels, package: '0', mode: 'dynamic' }, ramp(20)),
    ...['a', 'b'].map((id) =>
      series(
        'kepler_container_joules_total',
        { ...labels, container_id: id, mode: 'dynamic' },
        ramp(watts.containers / 2),
      ),
    ),
  ];
}

/** Kepler from 0.10 on: `node_name`, one metric for all zones. */
function newKepler(
  cluster: string,
  name: string,
  zones: Record<string, number>,
  instance: string,
  alive: (elapsed: number) => boolean = () => true,
) {
  return Object.entries(zones).map(([zone, watts]) => {
    const labels = { cluster, job: 'kepler', instance, node_name: name, zone, path: `/${zone}` };
    const value = ramp(watts);
    return series('kepler_node_cpu_joules_total', labels, (elapsed, t) =>
      alive(elapsed) ? value(elapsed, t) : undefined,
    );
  });
}

const six = at(midnight + 6 * 3600);
const exporter = (cluster: string, name: string, ip: string) =>
  nodeSeries({ cluster, job: 'node-exporter', instance: `${ip}:9100` }, { nodename: name });

const all: KnownSeries[] = [
  ...exporter(old, 'p-one', '10.1.0.1'),
  ...exporter(old, 'p-two', '10.1.0.2'),
  ...exporter(old, 'p-three', '10.1.0.3'),
  ...oldKepler('p-one', { platform: 500, package: 200, containers: 80 }),
  ...oldKepler('p-two', { package: 150, containers: 60 }),
  ...exporter(current, 'n-one', '10.2.0.1'),
  ...exporter(current, 'n-two', '10.2.0.2'),
  ...newKepler(
    current,
    'n-one',
    { psys: 400, package: 250, core: 180, dram: 30 },
    '10.2.0.1:28282',
  ),
  // From six on only, and then under another address.
  ...newKepler(
    current,
    'n-two',
    { package: 100, core: 70 },
    '10.2.7.7:28282',
    (e) => e >= six && e < six + 3 * 3600,
  ),
  ...newKepler(
    current,
    'n-two',
    { package: 100, core: 70 },
    '10.2.7.8:28282',
    (e) => e >= six + 3 * 3600,
  ),
  // Its Kepler reads another source from half past seven on; two sockets, idle joules beside the others.
  ...['0', '1'].flatMap((socket) =>
    ['dynamic', 'idle'].flatMap((mode) =>
      ['rapl', 'msr'].map((source) => {
        const labels = { cluster: upgraded, instance: 'u-one', package: socket, mode, source };
        const value = ramp(mode === 'idle' ? 15 : 35);
        return series('kepler_node_package_joules_total', labels, (elapsed, t) =>
          elapsed < six + 5400 === (source === 'rapl') ? value(elapsed, t) : undefined,
        );
      }),
    ),
  ),
  // Kepler says what it knows by two ways at once; the one is a model, or the meter is there from half past seven on only.
  ...[
    { instance: 't-one', source: 'rapl-sysfs', watts: 40, from: 0 },
    { instance: 't-one', source: 'trained_power_model', watts: 70, from: 0 },
    { instance: 't-two', source: 'acpi', watts: 40, from: six + 5400 },
    { instance: 't-two', source: 'estimator', watts: 70, from: 0 },
  ].flatMap(({ instance, source, watts, from }) =>
    ['package', 'dram'].map((zone) =>
      series(
        `kepler_node_${zone}_joules_total`,
        { cluster: twofold, instance, package: '0', mode: 'dynamic', source },
        (elapsed) => (elapsed < from ? undefined : watts * (elapsed - from)),
      ),
    ),
  ),
  ...['ipmi', 'redfish'].map((source) =>
    series(
      'kepler_platform_watts',
      { cluster: twofold, instance: 't-three', chassis_id: '1', source },
      constant(source === 'ipmi' ? 300 : 310),
    ),
  ),
  // Its Kepler was replaced at half past seven by one that has other names; node-exporter reads the processor, too.
  ...exporter(renamed, 'r-one', '10.7.0.1'),
  series(
    'kepler_node_package_joules_total',
    { cluster: renamed, instance: 'r-one', package: '0', mode: 'dynamic' },
    (elapsed) => (elapsed < six + 5400 ? 40 * elapsed : undefined),
  ),
  ...newKepler(renamed, 'r-one', { package: 40, dram: 3 }, '10.7.7.7:28282', (elapsed) => {
    return elapsed >= six + 5400;
  }),
  series(
    'node_rapl_package_joules_total',
    { cluster: renamed, job: 'node-exporter', instance: '10.7.0.1:9100', index: '0' },
    ramp(40),
  ),
  ...['stuck', 'below', 'paths', 'mmio', 'zones'].flatMap((name, index) =>
    exporter(doubtful, name, `10.6.0.${index + 1}`),
  ),
  ...[
    { name: 'stuck', metric: 'kepler_node_platform_joules_total', watts: 0 },
    { name: 'stuck', metric: 'kepler_node_package_joules_total', watts: 40 },
    { name: 'below', metric: 'kepler_node_platform_joules_total', watts: 0.25 },
    { name: 'below', metric: 'kepler_node_package_joules_total', watts: 194 },
  ].map(({ name, metric, watts }) =>
    series(metric, { cluster: doubtful, instance: name, mode: 'dynamic' }, ramp(watts)),
  ),
  ...[
    { ip: '10.6.0.3', path: '/sys/class/powercap/intel-rapl:0' },
    { ip: '10.6.0.3', path: '/sys/class/powercap/intel-rapl-mmio:0' },
    { ip: '10.6.0.4', path: '/sys/class/powercap/intel-rapl-mmio:0' },
  ].map(({ ip, path }) =>
    series(
      'node_rapl_package_joules_total',
      { cluster: doubtful, instance: `${ip}:9100`, index: '0', path },
      ramp(40),
    ),
  ),
  ...newKepler(doubtful, 'zones', { psys: 10, package: 60 }, '10.6.0.5:28282'),
  // Kepler of one machine knows joules at rest alone; of neither from two to three.
  ...[
    { instance: 'i-one', mode: 'idle', watts: 40 },
    { instance: 'i-two', mode: 'idle', watts: 15 },
    { instance: 'i-two', mode: 'dynamic', watts: 35 },
  ].map(({ instance, mode, watts }) =>
    series(
      'kepler_node_package_joules_total',
      { cluster: atRest, instance, package: '0', mode },
      (elapsed) =>
        Math.floor((elapsed - at(midnight)) / 3600) === 2 ? undefined : watts * elapsed,
    ),
  ),
  // A node that nobody but Kepler knows.
  ...newKepler(lonely, 'k-only', { package: 60 }, '10.9.0.1:28282'),
  ...exporter(mixed, 'm-one', '10.3.0.1'),
  ...exporter(mixed, 'm-two', '10.3.0.2'),
  ...newKepler(mixed, 'm-one', { package: 120 }, 'm-one'),
  ...['0', '1'].map((index) =>
    series(
      'node_rapl_package_joules_total',
      { cluster: mixed, job: 'node-exporter', instance: '10.3.0.2:9100', index, path: `p${index}` },
      ramp(45, { resets: [at(midnight + 3600)] }),
    ),
  ),
  series(
    'kepler_container_joules_total',
    { cluster: mixed, instance: 'm-two', container_id: 'x', mode: 'dynamic' },
    ramp(33),
  ),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  describe('power', () => {
    it('adds up the times before and after a change of the source', async () => {
      const { nodes } = await service.metrics(upgraded, 'series=false&metric_type=power');
      const { power } = nodes['u-one']!;
      expectNear(power!.total_kwh, kwh(100, 12));
      expectNear(power!.average_watts, 100);
      expectNear(power!.covered_seconds, 12 * 3600);
    });

    it.each(['time_range=today&series=true', 'time_range=10min&series=true'])(
      'counts once what is known by two ways, by a meter before a model: %s',
      async (query) => {
        const { nodes, window } = await service.metrics(twofold, `${query}&metric_type=power`);
        const hours = (window.end - window.start) / 3600;
        // A model until half past seven, where the window begins before.
        const modelled = Math.max(0, midnight + 7.5 * 3600 - window.start) / 3600;
        const two = 40 + (30 * modelled) / hours;
        const [one, other, three] = ['t-one', 't-two', 't-three'].map((key) => nodes[key]!.power!);
        for (const [power, watts] of [[one!, 40] as const, [other!, two] as const]) {
          expectNear(power.average_watts, watts);
          expectNear(power.total_kwh, kwh(watts, hours));
          expectNear(power.dram_kwh, kwh(watts, hours));
          expectNear(power.covered_seconds, hours * 3600);
        }
        expectNear(three!.average_watts, 300);
        for (const [power, watts] of [
          [one!, 40] as const,
          [other!, 40] as const,
          [three!, 300] as const,
        ])
          expectNear((power.time_series as { value: number | null }[]).at(-1)!.value, watts);
      },
    );

    it('goes on with the source of the same scope that takes its place, and counts no time twice', async () => {
      const query = 'series=true&metric_type=power';
      const { nodes, cluster_summary: summary } = await service.metrics(renamed, query);
      const { power } = nodes['10.7.0.1:9100']!;
      expect(power!.scope).toBe('package');
      expectNear(power!.total_kwh, kwh(40, 12));
      expectNear(power!.average_watts, 40);
      expectNear(power!.covered_seconds, 12 * 3600);
      expectNear(power!.change_percent, 0, 1);
      expectNear(summary.power!.total_kwh, kwh(40, 12));
      const points = power!.time_series as { value: number | null }[];
      for (const { value } of points) expectNear(value, 40, 0.02);
    });

    it('takes one source a node, the widest first, and never adds zones that overlap', async () => {
      const {
        nodes,
        cluster_summary: summary,
        warnings,
      } = await service.metrics(old, 'series=false&metric_type=power');
      const one = nodes['10.1.0.1:9100']!.power!;
      expect(one).toMatchObject({
        source: 'kepler_node_platform_joules_total',
        scope: 'platform',
        unit: 'kWh',
        estimated: false,
        covered_seconds: 43_200,
      });
      expectNear(one.total_kwh, kwh(500, 12));
      expectNear(one.average_watts, 500);
      expectNear(one.dram_kwh, kwh(20, 12));
      expectNear(one.change_percent, 0);
      const two = nodes['10.1.0.2:9100']!.power!;
      expect(two).toMatchObject({ source: 'kepler_node_package_joules_total', scope: 'package' });
      expectNear(two.total_kwh, kwh(150, 12));
      expect(nodes['10.1.0.3:9100']!.power).toMatchObject({
        total_kwh: null,
        average_watts: null,
        source: null,
        scope: null,
      });
      expect(summary.power).toMatchObject({ source: 'mixed', scope: 'mixed' });
      expectNear(summary.power!.total_kwh, kwh(650, 12));
      expectNear(summary.power!.average_watts, 650);
      expect(warnings).toEqual([
        expect.objectContaining({ metric: 'power', nodes: ['10.1.0.3:9100'] }),
      ]);
    });

    it('reads the names of Kepler 0.10, and counts only the time that is covered', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        current,
        'metric_type=power',
      );
      const one = nodes['10.2.0.1:9100']!.power!;
      expect(one).toMatchObject({ source: 'kepler_node_cpu_joules_total', scope: 'psys' });
      expectNear(one.total_kwh, kwh(400, 12));
      expectNear(one.dram_kwh, kwh(30, 12));
      const two = nodes['10.2.0.2:9100']!.power!;
      expect(two).toMatchObject({ scope: 'package', previous_average: null, change_percent: null });
      expectNear(two.total_kwh, kwh(100, 6));
      expectNear(two.average_watts, 100);
      expectNear(two.covered_seconds, 6 * 3600);
      const points = two.time_series as { timestamp: number; value: number | null }[];
      expect(points.find(({ timestamp }) => timestamp === midnight + 3600)!.value).toBeNull();
      expectNear(points.at(-1)!.value, 100);
      expectNear(summary.power!.total_kwh, kwh(400, 12) + kwh(100, 6));
    });

    it('passes over what is stuck, below its own part, or the same package by another path', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        doubtful,
        'series=false&metric_type=power&time_range=10min',
      );
      const power = (index: number) => nodes[`10.6.0.${index}:9100`]!.power!;
      const scopes = [1, 2, 3, 4, 5].map((index) => power(index).scope);
      expect(scopes).toEqual(Array(5).fill('package'));
      [40, 194, 40, 40, 60].forEach((watts, index) => {
        expectNear(power(index + 1).average_watts, watts);
      });
      expectNear(summary.power!.average_watts, 40 + 194 + 40 + 40 + 60);
    });

    it('has the sample times of whichever of its two series a target has', async () => {
      const { nodes } = await service.metrics(atRest, 'series=false&metric_type=power');
      for (const [key, watts] of [['i-one', 40] as const, ['i-two', 50] as const]) {
        const { power } = nodes[key]!;
        expectNear(power!.average_watts, watts);
        expectNear(power!.covered_seconds, 11 * 3600);
        expectNear(power!.total_kwh, kwh(watts, 11));
      }
    });

    it('is known of a node that nobody but Kepler knows', async () => {
      const { nodes, coverage } = await service.metrics(lonely, 'series=false');
      expect(Object.keys(nodes)).toEqual(['k-only']);
      expect(nodes['k-only']).toMatchObject({ hostname: 'k-only', memory: { used_gib: null } });
      expectNear(nodes['k-only']!.power!.total_kwh, kwh(60, 12));
      expect(coverage).toMatchObject({ nodes_expected: 1, nodes_reporting: 0 });
    });

    it('falls back to what node-exporter reads from the processor before it takes containers', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        mixed,
        'series=false&metric_type=power',
      );
      expectNear(nodes['10.3.0.1:9100']!.power!.total_kwh, kwh(120, 12));
      expect(nodes['10.3.0.2:9100']!.power).toMatchObject({
        source: 'node_rapl_package_joules_total',
        scope: 'package',
      });
      expectNear(nodes['10.3.0.2:9100']!.power!.total_kwh, kwh(90, 12));
      expect(summary.power).toMatchObject({ source: 'mixed', scope: 'package' });
      expectNear(summary.power!.total_kwh, kwh(210, 12));
      // What grew between the last sample before a restart and the restart is nobody's.
      expect(Math.abs(summary.power!.change_percent!)).toBeLessThan(0.1);
    });
  });
});
