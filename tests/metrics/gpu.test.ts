import { describe, expect, it } from '@jest/globals';
import { constant, ramp, series, steps, type KnownSeries } from '../../stack/src/fleet/index.js';
import { kubernetesNode, nodeSeries } from './support/exporter.js';
import { day, expectNear, gib } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const bare = '0d000000-0000-4000-8000-000000000001';
const parts = '0d000000-0000-4000-8000-000000000007';
const graphics = '0d000000-0000-4000-8000-000000000004';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;
const sampled = { start: end - 2 * day, interval: 30 };
const at = (time: number) => time - sampled.start;

const kwh = (watts: number, hours: number) => (watts * hours) / 1000;

const exporter = (cluster: string, name: string, ip: string) =>
  nodeSeries({ cluster, job: 'node-exporter', instance: `${ip}:9100` }, { nodename: name });

const gpu = (
  cluster: string,
  name: string,
  labels: Record<string, string>,
  value: KnownSeries['values'],
) => series(name, { cluster, ...labels }, value);
const nvidia = (index: number) => ({
  ...{ job: 'dcgm', instance: '10.4.0.1:9400', Hostname: 'g-one', UUID: `GPU-${index}` },
  ...{ gpu: String(index), modelName: 'NVIDIA H100' },
});
const amd = {
  job: 'amd',
  instance: '10.4.0.2:5000',
  hostname: 'g-two',
  gpu_id: '0',
  card_model: 'MI300X',
  gpu_partition_id: '0',
};
const gaudi = { job: 'gaudi', instance: '10.4.0.3:41611', UUID: 'hl-0' };

/** A GPU in four MIG slices of which two are as large as the others together. */
const slice = (index: number, profile: string) => ({
  ...{ instance: '10.5.0.1:9400', Hostname: 'mig', UUID: 'GPU-mig', modelName: 'NVIDIA A30' },
  ...{ GPU_I_ID: String(index), GPU_I_PROFILE: profile },
});
/** As dcgm-exporter writes labels since 2026, and without what is free. */
const renamed = {
  ...{ instance: '10.244.0.9:9400', hostname: 'renamed', UUID: 'GPU-renamed', gpu: '0' },
};
const slices = [
  ...[0, 1].map((index) => ({ labels: slice(index, '2g.12gb'), used: 3000, free: 9000 })),
  ...[2, 3].map((index) => ({ labels: slice(index, '1g.6gb'), used: 1000, free: 5000 })),
];
const virtual = (index: number, partition: string, uuid: string) => ({
  ...{ instance: '10.5.0.3:5000', hostname: 'vf', gpu_id: String(index), gpu_uuid: uuid },
  ...{ gpu_partition_id: partition, serial_number: 'N/A' },
});
const zeros = '00000000-0000-0000-0000-000000000000';
const none = '4294967295';

const divided: KnownSeries[] = [
  ...['mig', 'twice', 'vf', 'na', 'renamed'].flatMap((name, index) =>
    exporter(parts, name, `10.5.0.${index + 1}`),
  ),
  gpu(parts, 'DCGM_FI_DEV_GPU_UTIL', renamed, constant(20)),
  gpu(parts, 'DCGM_FI_DEV_FB_USED', renamed, constant(20_480)),
  gpu(parts, 'DCGM_FI_DEV_FB_TOTAL', renamed, constant(81_920)),
  ...slices.flatMap(({ labels, used, free }, index) => [
    gpu(parts, 'DCGM_FI_DEV_FB_USED', labels, constant(used)),
    gpu(parts, 'DCGM_FI_DEV_FB_FREE', labels, constant(free)),
    // Of a divided GPU this is zero, however busy its slices are.
    gpu(parts, 'DCGM_FI_DEV_GPU_UTIL', labels, constant(0)),
    gpu(parts, 'DCGM_FI_PROF_GR_ENGINE_ACTIVE', labels, constant([0.9, 0.3, 0.2, 0][index]!)),
    gpu(parts, 'DCGM_FI_DEV_POWER_USAGE', labels, constant(80)),
    gpu(parts, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', labels, ramp(80_000)),
  ]),
  ...['10.5.0.2:9400', '10.5.0.2:9401'].flatMap((instance) => {
    const labels = { instance, Hostname: 'twice', UUID: 'GPU-twice' };
    return [
      gpu(parts, 'DCGM_FI_DEV_GPU_UTIL', labels, constant(30)),
      gpu(parts, 'DCGM_FI_DEV_POWER_USAGE', labels, constant(70)),
      gpu(parts, 'DCGM_FI_DEV_FB_USED', labels, constant(2048)),
      gpu(parts, 'DCGM_FI_DEV_FB_FREE', labels, constant(2048)),
      gpu(parts, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', labels, ramp(70_000)),
    ];
  }),
  ...[0, 1].flatMap((index) =>
    [virtual(index, none, zeros), { ...virtual(index, 'NA', `na-${index}`), hostname: 'na' }].map(
      (labels) => gpu(parts, 'gpu_gfx_activity', labels, constant(20 + 20 * index)),
    ),
  ),
];

const all: KnownSeries[] = [
  ...divided,
  ...exporter(bare, 'none', '10.1.0.1'),
  ...exporter(graphics, 'g-one', '10.4.0.1'),
  ...exporter(graphics, 'g-two', '10.4.0.2'),
  ...exporter(graphics, 'g-three', '10.4.0.3'),
  ...exporter(graphics, 'g-none', '10.4.0.4'),
  ...kubernetesNode(graphics, { name: 'g-three', ip: '10.4.0.3' }),
  ...[0, 1].flatMap((index) => [
    gpu(
      graphics,
      'DCGM_FI_DEV_GPU_UTIL',
      nvidia(index),
      steps([
        [0, 20],
        [at(midnight), 40 + 20 * index],
      ]),
    ),
    gpu(graphics, 'DCGM_FI_DEV_FB_USED', nvidia(index), constant(40 * 1024)),
    gpu(graphics, 'DCGM_FI_DEV_FB_FREE', nvidia(index), constant(38 * 1024)),
    gpu(graphics, 'DCGM_FI_DEV_FB_RESERVED', nvidia(index), constant(2 * 1024)),
    gpu(graphics, 'DCGM_FI_DEV_GPU_TEMP', nvidia(index), constant(61)),
    gpu(graphics, 'DCGM_FI_DEV_POWER_USAGE', nvidia(index), constant(300)),
    gpu(graphics, 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', nvidia(index), ramp(300_000)),
  ]),
  gpu(graphics, 'gpu_gfx_activity', amd, constant(70)),
  // Other partitions of the same device say nothing of their own.
  gpu(graphics, 'gpu_gfx_activity', { ...amd, gpu_partition_id: '1' }, constant(0)),
  gpu(graphics, 'gpu_used_vram', amd, constant(96 * 1024)),
  gpu(graphics, 'gpu_total_vram', amd, constant(192 * 1024)),
  gpu(graphics, 'gpu_package_power', amd, constant(600)),
  gpu(graphics, 'gpu_energy_consumed', amd, ramp(600e6)),
  gpu(graphics, 'habanalabs_utilization', gaudi, constant(10)),
  gpu(graphics, 'habanalabs_memory_used_bytes', gaudi, constant(10 * gib)),
  gpu(graphics, 'habanalabs_memory_total_bytes', gaudi, constant(96 * gib)),
  gpu(graphics, 'habanalabs_power_mW', gaudi, constant(450_000)),
  gpu(graphics, 'habanalabs_temperature_onchip', gaudi, constant(45)),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  describe('gpu', () => {
    it('gives every vendor in the same units', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        graphics,
        'metric_type=gpu',
      );
      const one = nodes['10.4.0.1:9100']!.gpu!;
      expect(one.devices!.map(({ uuid, vendor, model }) => [uuid, vendor, model])).toEqual([
        ['GPU-0', 'nvidia', 'NVIDIA H100'],
        ['GPU-1', 'nvidia', 'NVIDIA H100'],
      ]);
      expect(one.devices![1]).toMatchObject({
        utilization_percent: 60,
        memory_used_gib: 40,
        memory_total_gib: 80,
        temperature_celsius: 61,
        watts: 300,
      });
      expect(one).toMatchObject({
        utilization_percent: 50,
        memory_used_gib: 80,
        memory_total_gib: 160,
        watts: 600,
      });
      expectNear(one.energy_kwh, kwh(600, 12));
      expectNear(one.average, 50);
      expectNear(one.previous_average, 20);
      expectNear(one.change_percent, 30);
      const two = nodes['10.4.0.2:9100']!.gpu!;
      expect(two.devices).toEqual([
        {
          uuid: '0',
          vendor: 'amd',
          model: 'MI300X',
          utilization_percent: 70,
          memory_used_gib: 96,
          memory_total_gib: 192,
          temperature_celsius: null,
          watts: 600,
        },
      ]);
      expectNear(two.energy_kwh, kwh(600, 12));
      const three = nodes['10.4.0.3:9100']!.gpu!;
      expect(three.devices![0]).toMatchObject({
        vendor: 'intel',
        utilization_percent: 10,
        memory_used_gib: 10,
        watts: 450,
      });
      expectNear(three.energy_kwh, kwh(450, 12));
      expect(nodes['10.4.0.4:9100']!.gpu).toBeUndefined();
      expectNear(summary.gpu!.utilization_percent, (40 + 60 + 70 + 10) / 4);
      expectNear(summary.gpu!.watts, 600 + 600 + 450);
      expect(summary.gpu!.devices).toBeUndefined();
    });

    it('adds up the parts of a device, and counts a device once', async () => {
      const { nodes } = await service.metrics(parts, 'metric_type=gpu&time_range=10min');
      const mig = nodes['10.5.0.1:9100']!.gpu!;
      expect(mig.devices).toHaveLength(1);
      expect(mig.devices![0]).toMatchObject({ uuid: 'GPU-mig', watts: 80 });
      expectNear(mig.memory_used_gib, 8000 / 1024);
      expectNear(mig.memory_total_gib, 36_000 / 1024);
      expectNear(mig.utilization_percent, (2 * 90 + 2 * 30 + 20 + 0) / 6);
      expectNear(mig.average, (2 * 90 + 2 * 30 + 20 + 0) / 6);
      expectNear(mig.energy_kwh, (80 * 600) / 3.6e6);
      const points = mig.time_series as { value: number }[];
      expectNear(points.at(-1)!.value, 260 / 6);
      const twice = nodes['10.5.0.2:9100']!.gpu!;
      expect(twice.devices).toHaveLength(1);
      expect(twice).toMatchObject({ watts: 70, utilization_percent: 30, memory_total_gib: 4 });
      expectNear(twice.energy_kwh, (70 * 600) / 3.6e6);
      const renamed = nodes['10.5.0.5:9100']!.gpu!;
      expect(renamed).toMatchObject({ utilization_percent: 20, average: 20 });
      expect(renamed).toMatchObject({ memory_used_gib: 20, memory_total_gib: 80 });
      for (const address of ['10.5.0.3', '10.5.0.4']) {
        const { devices, average } = nodes[`${address}:9100`]!.gpu!;
        expect(devices!.map((device) => device.utilization_percent)).toEqual([20, 40]);
        expectNear(average, 30);
      }
    });

    it('is limited to Gaudi as hpu, and absent where there is none', async () => {
      const {
        nodes,
        cluster_summary: summary,
        metric_type,
      } = await service.metrics(graphics, 'metric_type=hpu');
      expect(metric_type).toBe('hpu');
      expect(Object.keys(nodes).filter((key) => nodes[key]!.gpu !== undefined)).toEqual([
        '10.4.0.3:9100',
      ]);
      expectNear(summary.gpu!.watts, 450);
      const { cluster_summary: without } = await service.metrics(bare, 'series=false');
      expect(without.gpu).toBeUndefined();
    });
  });
});
