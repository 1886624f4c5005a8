import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { constant, ramp, series, steps, type KnownSeries } from '../../stack/src/fleet/index.js';
import { growthOf, meanOf } from './support/answers.js';
import { nodeSeries } from './support/exporter.js';
import { day, expectNear, gib, mbps } from './support/near.js';
import { startService, type TestService } from './support/service.js';
import { startStore, stores } from './support/store.js';

const east = '0a000000-0000-4000-8000-000000000001';
const west = '0a000000-0000-4000-8000-000000000002';
const uneven = '0a000000-0000-4000-8000-000000000003';

/** 15:30 UTC, and two days of samples before it. */
const end = Date.parse('2026-03-10T15:30:00Z') / 1000;
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;
const sampled = { start: end - 2 * 86_400, interval: 30 };

const a = '10.0.0.1:9100';
const b = '[fd00::2]:9100';

/** Free memory of the first node: falls all the time, so that no two windows agree. */
const freeA = ramp(-10_000, { from: 12 * gib });
const freeB = steps([
  [0, 8 * gib],
  [sampled.start + day - sampled.start, 6 * gib],
  [2 * day - 3600, 4 * gib],
]);
/** Bytes received: faster and faster, with a reset this morning. */
const receivedA = (elapsed: number) => {
  const grown = (t: number) => 1e6 * t + 5 * t * t;
  const reset = day + 14 * 3600 + 1800 + 4 * 3600;
  return elapsed < reset ? grown(elapsed) : grown(elapsed) - grown(reset);
};
const sentA = ramp(250_000);

function cpuSeries(
  labels: Record<string, string>,
  cores: number,
  busyShare: number,
): KnownSeries[] {
  const modes = { user: 0.75 * busyShare, system: 0.25 * busyShare, iowait: 0.05, steal: 0.02 };
  const idle = 1 - busyShare - 0.07;
  return Array.from({ length: cores }, (_, cpu) =>
    Object.entries({ ...modes, idle }).map(([mode, share]) =>
      series('node_cpu_seconds_total', { ...labels, cpu: String(cpu), mode }, ramp(share)),
    ),
  ).flat();
}

function network(
  labels: Record<string, string>,
  device: string,
  rx: KnownSeries['values'],
  tx: KnownSeries['values'],
) {
  return [
    series('node_network_receive_bytes_total', { ...labels, device }, rx),
    series('node_network_transmit_bytes_total', { ...labels, device }, tx),
  ];
}

function eastSeries(): KnownSeries[] {
  const one = { cluster: east, instance: a, job: 'node-exporter' };
  // The same node as a second Prometheus sees it.
  const again = { ...one, prometheus_replica: 'b' };
  const two = { cluster: east, instance: b, job: 'node-exporter' };
  return [
    series('node_uname_info', { ...one, nodename: 'alpha' }, constant(1)),
    series('node_uname_info', { ...two, nodename: 'beta' }, constant(1)),
    series('node_memory_MemTotal_bytes', one, constant(16 * gib)),
    series('node_memory_MemTotal_bytes', again, constant(16 * gib)),
    series('node_memory_MemTotal_bytes', two, constant(32 * gib)),
    series('node_memory_MemAvailable_bytes', one, freeA),
    series('node_memory_MemAvailable_bytes', again, freeA),
    series('node_memory_MemAvailable_bytes', two, freeB),
    ...[one, again].flatMap((labels) => cpuSeries(labels, 2, 0.5)),
    ...cpuSeries(two, 6, 0.1),
    ...[
      { ...one, device: '/dev/sda1', fstype: 'ext4' },
      { ...two, device: '/dev/sda1', fstype: 'ext4' },
    ].flatMap((labels) => [
      series('node_filesystem_size_bytes', { ...labels, mountpoint: '/' }, constant(100 * gib)),
      series(
        'node_filesystem_avail_bytes',
        { ...labels, mountpoint: '/' },
        ramp(-50_000, { from: 80 * gib }),
      ),
    ]),
    // The same mount as another layer shows it: the larger counts.
    ...['size', 'avail'].map((what, index) =>
      series(
        `node_filesystem_${what}_bytes`,
        { ...one, device: 'rootfs', fstype: 'rootfs', mountpoint: '/' },
        constant((40 - 38 * index) * gib),
      ),
    ),
    series(
      'node_filesystem_size_bytes',
      { ...one, device: 'tmpfs', mountpoint: '/run' },
      constant(900 * gib),
    ),
    series(
      'node_filesystem_avail_bytes',
      { ...one, device: 'tmpfs', mountpoint: '/run' },
      constant(900 * gib),
    ),
    ...network(one, 'eth0', receivedA, sentA),
    ...network(again, 'eth0', receivedA, sentA),
    ...network(two, 'eth0', ramp(1_000_000), ramp(2_000_000)),
    ...network(two, 'ens5', ramp(500_000), ramp(0)),
    ...[
      'lo',
      'veth12ab',
      'docker0',
      'br-1',
      'cni0',
      'flannel.1',
      'cali1',
      'cilium_host',
      'lxc1',
      'tunl0',
      'virbr0',
      'kube-ipvs0',
      'bond0',
      'bond0.100',
      'eni0a1b2c3d4e5',
      'ovn-k8s-mp0',
      '0123456789abcde',
    ].flatMap((device) => network(one, device, ramp(77_000_000), ramp(77_000_000))),
    // Devices whose names only begin or end like those that do not count.
    ...network(two, 'eth-lo', ramp(100_000), ramp(100_000)),
  ];
}

/** Another cluster whose nodes have the same addresses. */
function westSeries(): KnownSeries[] {
  const one = { cluster: west, instance: a, job: 'node-exporter' };
  return [
    series('node_uname_info', { ...one, nodename: 'alpha' }, constant(1)),
    series('node_memory_MemTotal_bytes', one, constant(4 * gib)),
    series('node_memory_MemAvailable_bytes', one, constant(3 * gib)),
    ...cpuSeries(one, 4, 0.9),
    ...network(one, 'eth0', ramp(9_000_000), ramp(9_000_000)),
  ];
}

/** Counters that are no ramps, and scrapes that were lost. */
function unevenSeries(): KnownSeries[] {
  const labels = (name: string) => ({ cluster: uneven, instance: `${name}:9100`, job: 'node' });
  return [
    // Grows only between two samples of each five minutes.
    ...nodeSeries(labels('bursts'), {
      received: (elapsed) => 3e8 * Math.floor((elapsed + 150) / 300),
    }),
    ...nodeSeries(labels('lossy'), { alive: (elapsed) => (elapsed / 30) % 10 !== 5 }),
  ];
}

describe.each(stores)('on the store: %s', (version) => {
  let store: Awaited<ReturnType<typeof startStore>>;
  let service: TestService;

  beforeAll(async () => {
    store = await startStore(
      [{ ...sampled, end, series: [...eastSeries(), ...westSeries(), ...unevenSeries()] }],
      version,
    );
    service = await startService({ prometheus: store.url, now: end });
  }, 120_000);

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await store.stop();
  });

  describe('today', () => {
    it('gives the figures at the end of the window', async () => {
      const { nodes, coverage, warnings } = await service.metrics(east);
      expect(Object.keys(nodes).sort()).toEqual([a, b].sort());
      const alpha = nodes[a]!;
      const free = freeA(2 * day, end)!;
      expect(alpha.hostname).toBe('alpha');
      expectNear(alpha.memory!.total_gib, 16);
      expectNear(alpha.memory!.available_gib, free / gib);
      expectNear(alpha.memory!.used_gib, 16 - free / gib);
      expectNear(alpha.memory!.usage_percent, 100 * (1 - free / gib / 16));
      expectNear(alpha.cpu!.usage_percent, 50);
      expect(alpha.cpu!.cores).toBe(2);
      expectNear(alpha.storage!.total_gib, 100);
      expectNear(
        alpha.network_in!.inbound_mbps,
        mbps(growthOf(receivedA, end - 300, end, sampled), 300),
      );
      expectNear(alpha.network_out!.outbound_mbps, 2);
      const beta = nodes[b]!;
      expect(beta.hostname).toBe('beta');
      expectNear(beta.cpu!.usage_percent, 10);
      expectNear(beta.network_in!.inbound_mbps, 8 * 1.6);
      expectNear(beta.network_bandwidth!.total_mbps, 8 * (1.6 + 2.1));
      expect(coverage).toEqual({
        nodes_expected: 2,
        nodes_reporting: 2,
        newest_sample_age_seconds: 0,
      });
      expect(warnings.map(({ code, metric }) => [code, metric])).toEqual([['no_data', 'power']]);
    });

    it('gives the means of the window and of the same hours of yesterday', async () => {
      const { nodes, window } = await service.metrics(east, 'series=false');
      expect(window).toEqual({
        start: midnight,
        end,
        step: 300,
        previous: { start: midnight - day, end: end - day },
      });
      const alpha = nodes[a]!;
      const percent = (from: number, to: number) =>
        100 * (1 - meanOf(freeA, from, to, sampled) / gib / 16);
      const [now, before] = [percent(midnight, end), percent(midnight - day, end - day)];
      expectNear(alpha.memory!.average, now);
      expectNear(alpha.memory!.previous_average, before);
      expectNear(alpha.memory!.change_percent, now - before);
      const rate = (from: number, to: number) =>
        mbps(growthOf(receivedA, from, to, sampled), to - from);
      const [fast, slow] = [rate(midnight, end), rate(midnight - day, end - day)];
      expectNear(alpha.network_in!.average, fast);
      expectNear(alpha.network_in!.previous_average, slow);
      expectNear(alpha.network_in!.change_percent, (100 * (fast - slow)) / slow);
      const root = ramp(-50_000, { from: 80 * gib });
      expectNear(
        alpha.storage!.average,
        100 * (1 - meanOf(root, midnight, end, sampled) / gib / 100),
      );
      expectNear(alpha.cpu!.average, 50);
      expectNear(alpha.cpu!.change_percent, 0);
      const betaPercent = (from: number, to: number) =>
        100 * (1 - meanOf(freeB, from, to, sampled) / gib / 32);
      expectNear(nodes[b]!.memory!.average, betaPercent(midnight, end));
      expectNear(nodes[b]!.memory!.previous_average, betaPercent(midnight - day, end - day));
    });

    it('adds nodes up to the cluster', async () => {
      const { cluster_summary: summary, nodes } = await service.metrics(east, 'series=false');
      const used = 16 * gib - freeA(2 * day, end)! + 28 * gib;
      expectNear(summary.memory!.total_gib, 48);
      expectNear(summary.memory!.used_gib, used / gib);
      expectNear(summary.memory!.usage_percent, (100 * used) / gib / 48);
      // 1 of 2 cores and 0.6 of 6 are busy: not the mean of 50 and 10 percent.
      expectNear(summary.cpu!.usage_percent, 20);
      expect(summary.cpu!.cores).toBe(8);
      expectNear(summary.cpu!.average, 20);
      expectNear(
        summary.network_in!.inbound_mbps,
        nodes[a]!.network_in!.inbound_mbps! + nodes[b]!.network_in!.inbound_mbps!,
      );
      expectNear(
        summary.network_in!.average,
        nodes[a]!.network_in!.average! + nodes[b]!.network_in!.average!,
      );
      const free = meanOf(freeA, midnight, end, sampled) + meanOf(freeB, midnight, end, sampled);
      expectNear(summary.memory!.average, 100 * (1 - free / gib / 48));
    });

    it('has figures and means at midnight sharp', async () => {
      await using early = await startService({ prometheus: store.url, now: midnight });
      const { nodes, window } = await early.metrics(east);
      expect(window).toMatchObject({ start: midnight, end: midnight });
      const { cpu, memory } = nodes[a]!;
      expectNear(cpu!.average, 50);
      expectNear(cpu!.change_percent, 0);
      expectNear(
        memory!.previous_average,
        100 * (1 - meanOf(freeA, midnight - day - 300, midnight - day, sampled) / gib / 16),
      );
      expect(memory!.time_series).toHaveLength(1);
    });

    it('misses no growth in bursts, and none for a scrape that was lost', async () => {
      const { nodes } = await service.metrics(uneven, 'series=false');
      expectNear(nodes['bursts:9100']!.network_in!.average, 8);
      expectNear(nodes['lossy:9100']!.network_in!.average, 8);
      expectNear(nodes['lossy:9100']!.cpu!.average, 30);
    });

    it('never sees a cluster that has the same addresses', async () => {
      const { nodes, cluster_summary: summary } = await service.metrics(west, 'series=false');
      expect(Object.keys(nodes)).toEqual([a]);
      expectNear(nodes[a]!.memory!.total_gib, 4);
      expectNear(summary.cpu!.average, 90);
      expectNear(summary.network_bandwidth!.average, 144);
    });
  });
});
