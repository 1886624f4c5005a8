import { expect, it, describe } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { day, expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const cluster = '0d000000-0000-4000-8000-000000000031';
const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 2 * day, interval: 30 };

type ValueAt = Exclude<KnownSeries['values'], string>;
/** Seconds before the end in which a pod has the GPU. */
const during =
  (from: number, to: number, values: ValueAt): ValueAt =>
  (at, time) =>
    time > end - from && time <= end - to ? values(at, time) : undefined;

const device = { cluster, instance: '10.4.0.1:9400', Hostname: 'g-one', UUID: 'GPU-0', gpu: '0' };
/** dcgm-exporter names the pod that has the device: each of them is another series of it. */
const holders = [
  { pod: { namespace: 'a', pod: 'first', container: 'c' }, from: 2 * day, to: 7200, use: 80 },
  { pod: {}, from: 7200, to: 3600, use: 0 },
  { pod: { namespace: 'a', pod: 'second', container: 'c' }, from: 3600, to: 240, use: 40 },
  { pod: { namespace: 'a', pod: 'third', container: 'c' }, from: 240, to: 0, use: 20 },
];
/** A device that two pods share, and a node beside. */
const shared = { cluster, instance: '10.4.0.2:9400', Hostname: 'g-two', UUID: 'GPU-1', gpu: '0' };
const all: KnownSeries[] = [
  ...nodeSeries(
    { cluster, job: 'node-exporter', instance: '10.4.0.2:9100' },
    { nodename: 'g-two' },
  ),
  ...['fourth', 'fifth'].flatMap((pod) => [
    series('DCGM_FI_DEV_GPU_UTIL', { ...shared, namespace: 'a', pod }, constant(30)),
    series('DCGM_FI_DEV_FB_USED', { ...shared, namespace: 'a', pod }, constant(1024)),
    series('DCGM_FI_DEV_POWER_USAGE', { ...shared, namespace: 'a', pod }, constant(150)),
  ]),

  ...nodeSeries(
    { cluster, job: 'node-exporter', instance: '10.4.0.1:9100' },
    { nodename: 'g-one' },
  ),
  ...holders.flatMap(({ pod, from, to, use }) =>
    (
      [
        ['DCGM_FI_DEV_GPU_UTIL', constant(use)],
        ['DCGM_FI_DEV_POWER_USAGE', constant(100 + use)],
        ['DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', ramp(200_000)],
      ] as const
    ).map(([name, values]) => series(name, { ...device, ...pod }, during(from, to, values))),
  ),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));
  const gpuOf = async (query: string) =>
    (await service.metrics(cluster, `metric_type=gpu&${query}`)).nodes['10.4.0.1:9100']!.gpu!;

  it('counts a device once that pods share', async () => {
    const { nodes, cluster_summary: summary } = await service.metrics(
      cluster,
      'metric_type=gpu&time_range=10min',
    );
    const { devices, ...gpu } = nodes['10.4.0.2:9100']!.gpu!;
    expect(devices).toHaveLength(1);
    expect(gpu).toMatchObject({ utilization_percent: 30, average: 30, memory_used_gib: 1 });
    expectNear(gpu.energy_kwh, 150 / 6 / 1000, 0.02);
    expect(summary.gpu!.utilization_percent).toBe(25);
  });

  it.each([
    ['time_range=today', (10 * 80 + (56 / 60) * 40 + (4 / 60) * 20) / 12, 300],
    ['time_range=7days', (4 * 80 + (56 / 60) * 40 + (4 / 60) * 20) / 6, 6 * 3600],
  ])('has points of all that has a GPU: %s', async (query, last, step) => {
    const { time_series: points } = await gpuOf(`${query}&series=columns`);
    const { values, step: own } = points as { values: (number | null)[]; step: number };
    expect(own).toBe(step);
    if (step === 300) {
      const mean = values.reduce<number>((sum, value) => sum + (value ?? NaN), 0) / values.length;
      expectNear(mean, last, 0.02);
    } else expectNear(values.at(-1), last, 0.02);
  });

  it.each([
    ['time_range=today', (10 * 80 + 0 + (56 / 60) * 40 + (4 / 60) * 20) / 12, 12],
    [`start=${end - 10_800}&end=${end}`, (80 + 0 + (56 / 60) * 40 + (4 / 60) * 20) / 3, 3],
    ['time_range=10min', (6 * 40 + 4 * 20) / 10, 1 / 6],
  ])('counts all that has a GPU: %s', async (query, use, hours) => {
    const gpu = await gpuOf(query);
    expect(gpu.devices).toHaveLength(1);
    expect(gpu.utilization_percent).toBe(20);
    expectNear(gpu.average, use, 0.02);
    expectNear(gpu.energy_kwh, (200 * hours) / 1000, 0.02);
  });
});
