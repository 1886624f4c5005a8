import { describe, expect, it } from '@jest/globals';
import { constant, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear, gib } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const images = '0c300000-0000-4000-8000-000000000001';
const untold = '0c300000-0000-4000-8000-000000000002';
const booted = '0c300000-0000-4000-8000-000000000003';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 7200, interval: 30 };

interface Mount {
  readonly mountpoint: string;
  readonly device: string;
  readonly fstype?: string;
  /** GiB. */
  readonly size: number;
  readonly free: number;
  readonly locked?: boolean;
}

/** A node with these file systems and no others. */
function node(
  index: number,
  name: string,
  mounts: readonly Mount[],
  cluster = images,
): KnownSeries[] {
  const labels = { cluster, job: 'node-exporter', instance: `10.0.0.${index}:9100` };
  return [
    ...nodeSeries(labels, { nodename: name }).filter((one) => !one.name.includes('filesystem')),
    ...mounts.flatMap(({ mountpoint, device, fstype = 'ext4', size, free, locked = false }) => {
      const own = { ...labels, mountpoint, device, fstype };
      return [
        series('node_filesystem_size_bytes', own, constant(size * gib)),
        series('node_filesystem_avail_bytes', own, constant(free * gib)),
        series('node_filesystem_readonly', own, constant(locked ? 1 : 0)),
      ];
    }),
  ];
}

const data = { device: '/dev/nvme1n1p1', size: 80, free: 60 };
const all: KnownSeries[] = [
  // Its root is an image, which is always full; its data is mounted twice.
  ...node(1, 'bottlerocket', [
    { mountpoint: '/', device: '/dev/dm-0', size: 0.29, free: 0, locked: true },
    { mountpoint: '/local', ...data },
    { mountpoint: '/var', ...data },
  ]),
  ...node(2, 'composefs', [
    { mountpoint: '/', device: 'composefs', fstype: 'overlay', size: 0.03, free: 0, locked: true },
    { mountpoint: '/sysroot', device: '/dev/vda4', size: 200, free: 180, locked: true },
    { mountpoint: '/var', device: '/dev/vda5', size: 40, free: 10 },
  ]),
  ...node(3, 'usual', [
    { mountpoint: '/', device: '/dev/vda1', size: 100, free: 25 },
    { mountpoint: '/var', device: '/dev/vda2', size: 500, free: 400 },
  ]),
  // Images are not even shown: exporters leave their types of file systems out.
  ...node(5, 'hidden', [
    { mountpoint: '/var', device: '/dev/sda6', size: 200, free: 50 },
    { mountpoint: '/var/lib', device: 'nas:/share', fstype: 'nfs4', size: 9000, free: 10 },
  ]),
  // In a container, under which the root of the machine is mounted.
  ...node(6, 'mounted', [{ mountpoint: '/host/root', device: '/dev/sda1', size: 60, free: 30 }]),
  // Relabelling drops what tells which are read-only.
  ...[
    ...node(
      7,
      'rootless',
      [{ mountpoint: '/var', device: '/dev/sdb1', size: 50, free: 20 }],
      untold,
    ),
    ...node(8, 'rooted', [{ mountpoint: '/', device: '/dev/sda1', size: 50, free: 40 }], untold),
  ].filter(({ name: metric }) => !metric.endsWith('readonly')),
  // Started over the network: the root is in memory or on a server.
  ...node(
    9,
    'diskless',
    [
      { mountpoint: '/', device: 'tmpfs', fstype: 'tmpfs', size: 32, free: 30 },
      { mountpoint: '/var/lib', device: '/dev/nvme0n1', size: 100, free: 20 },
    ],
    booted,
  ),
  ...node(
    10,
    'remote',
    [
      { mountpoint: '/', device: '10.0.0.9:/root', fstype: 'nfs4', size: 900, free: 800 },
      { mountpoint: '/var', device: '/dev/sda1', size: 100, free: 30 },
    ],
    booted,
  ),
  ...node(
    11,
    'memory',
    [{ mountpoint: '/', device: 'tmpfs', fstype: 'tmpfs', size: 10, free: 9 }],
    booted,
  ),
  // Nothing else is known of it.
  ...node(4, 'locked', [{ mountpoint: '/', device: '/dev/vda1', size: 20, free: 5, locked: true }]),
];

describe.each(stores)('the file system that holds the data, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it.each(['series=false', 'time_range=10min&series=true'])(
    'is the root, or the largest writable one where that is an image: %s',
    async (query) => {
      const { nodes, cluster_summary: summary } = await service.metrics(
        images,
        `${query}&metric_type=disk`,
      );
      const told = Object.values(nodes).map(({ hostname, storage }) => {
        const { mountpoint, total_gib: total, usage_percent: usage, average } = storage!;
        return [hostname, mountpoint, total, usage, average];
      });
      expect(told.sort()).toEqual([
        ['bottlerocket', expect.stringMatching(/^\/(local|var)$/), 80, 25, 25],
        ['composefs', '/var', 40, 75, 75],
        ['hidden', '/var', 200, 75, 75],
        ['locked', '/', 20, 75, 75],
        ['mounted', '/host/root', 60, 50, 50],
        ['usual', '/', 100, 75, 75],
      ]);
      expectNear(summary.storage!.usage_percent, (100 * (20 + 30 + 75 + 15 + 150 + 30)) / 500);
      expectNear(summary.storage!.average, (100 * (20 + 30 + 75 + 15 + 150 + 30)) / 500);
      expect(summary.storage!.mountpoint).toBeUndefined();
    },
  );

  it.each(['time_range=10min&series=true', 'time_range=today&series=false'])(
    'counts as writable where nothing says otherwise: %s',
    async (query) => {
      const answer = await service.metrics(untold, `${query}&metric_type=disk`);
      const told = Object.values(answer.nodes).map(({ hostname, storage }) => {
        const { mountpoint, usage_percent: usage, average } = storage!;
        return [hostname, mountpoint, usage, average];
      });
      expect(told.sort()).toEqual([
        ['rooted', '/', 20, 20],
        ['rootless', '/var', 60, 60],
      ]);
    },
  );

  it('is on a disk where the node has one', async () => {
    const { nodes } = await service.metrics(booted, 'series=false&metric_type=disk');
    const told = Object.values(nodes).map(({ hostname, storage }) => {
      const { mountpoint, usage_percent: usage, average } = storage!;
      return [hostname, mountpoint, usage, average];
    });
    expect(told.sort()).toEqual([
      ['diskless', '/var/lib', 80, 80],
      ['memory', '/', 10, 10],
      ['remote', '/var', 70, 70],
    ]);
  });

  it('is that of the fleet too', async () => {
    const { body } = await service.get('/clusters');
    const { clusters } = body.data as { clusters: { cluster_id: string; storage: object }[] };
    const storageOf = (id: string) => clusters.find((one) => one.cluster_id === id)!.storage;
    expect(storageOf(images)).toMatchObject({ total_gib: 500, available_gib: 180 });
    expect(storageOf(untold)).toMatchObject({ total_gib: 100, available_gib: 60 });
    expect(storageOf(booted)).toMatchObject({ total_gib: 210, available_gib: 59 });
  });
});
