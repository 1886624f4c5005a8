import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeWrite, sendWrite, type WrittenSeries } from '@bud-monitoring/stack';

export const nodesPerCluster = 10;
/** One cluster in so many has nodes whose CPU usage is above a threshold. */
const oneBusyIn = 100;

const placeholder = '00000000-0000-4000-8000-000000000000';
/** Between samples of a series, and how far back there are any, seconds. */
const step = 60;
const past = 11 * 60;
/** Parts of the fleet that are written one after the other within a step, as agents do. */
const phases = 12;
const clustersPerRequest = 4;
const requestsAtOnce = 3;
const gib = 2 ** 30;

/** The id of the `n`th cluster: as random as a UUID. */
export function clusterId(n: number): string {
  const digits = createHash('sha256').update(String(n)).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

/** Clusters with alerts, of so many. */
export const busyClusters = (clusters: number) => Math.ceil(clusters / oneBusyIn);

/**
 * Writes a fleet into a Prometheus by remote write, of each node 23 series, and goes on with a sample a minute until it
 * is aborted: each at the time it is due, however late it is written. `ended` resolves once nothing is written any more.
 */
export async function startWriting(
  url: string,
  clusters: number,
  signal: AbortSignal,
): Promise<{ series: number; ended: Promise<void> }> {
  const begin = Math.floor(Date.now() / 1000) - past;
  const written = Array.from({ length: phases }, () => begin);
  const writeDue = async () => {
    for (const [phase, since] of written.entries()) {
      if (signal.aborted) return;
      const now = Math.floor(Date.now() / 1000);
      const times: number[] = [];
      const offset = (phase * step) / phases;
      for (let due = begin + offset; due <= now; due += step) if (due > since) times.push(due);
      written[phase] = now;
      const own = Array.from({ length: clusters }, (_, n) => n).filter((n) => n % phases === phase);
      if (times.length > 0) await write(url, own, times);
    }
  };
  await writeDue();
  // What has become due meanwhile.
  await writeDue();
  const goOn = async () => {
    while (!signal.aborted) {
      await sleep(1000);
      // What a busy store does not take is lost, as it may be in the field.
      await writeDue().catch(() => undefined);
    }
  };
  return { series: clusters * clusterSeries(0, []).length, ended: goOn() };
}

async function write(
  url: string,
  clusters: readonly number[],
  times: readonly number[],
): Promise<void> {
  const [calm, busy] = [0.2, 0.95].map((share) => templateOf(clusterSeries(share, times)));
  if (calm === undefined || busy === undefined) throw new Error('there are two templates');
  let next = 0;
  const send = async () => {
    while (next < clusters.length) {
      const own = clusters.slice(next, (next += clustersPerRequest));
      const bodies = own.map((n) => (n % oneBusyIn === 0 ? busy : calm)(clusterId(n)));
      await sendWrite(url, Buffer.concat(bodies));
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, send));
}

/** A cluster as it is sent, with the id put in: encoding each anew would be the slowest part of the bench. */
function templateOf(series: readonly WrittenSeries[]): (id: string) => Buffer {
  const encoded = encodeWrite(series);
  const places: number[] = [];
  for (let at = encoded.indexOf(placeholder); at >= 0; at = encoded.indexOf(placeholder, at + 1))
    places.push(at);
  return (id) => {
    const copy = Buffer.from(encoded);
    for (const place of places) copy.write(id, place, 'latin1');
    return copy;
  };
}

function clusterSeries(busy: number, times: readonly number[]): WrittenSeries[] {
  return Array.from({ length: nodesPerCluster }, (_, n) => nodeSeries(n, busy, times)).flat();
}

function nodeSeries(n: number, busy: number, times: readonly number[]): WrittenSeries[] {
  const node = { cluster: placeholder, instance: `10.0.0.${n}:9100`, job: 'node-exporter' };
  const kubernetes = { cluster: placeholder, job: 'kube-state-metrics', node: `node-${n}` };
  const add = (
    name: string,
    labels: Record<string, string>,
    value: number,
    perSecond = 0,
  ): WrittenSeries => ({
    labels: { __name__: name, ...labels },
    samples: times.map((time) => ({
      time: time * 1000,
      // A counter that began some days ago.
      value: value + perSecond * (time % 1e6),
    })),
  });
  const cpu = ['0', '1'].flatMap((core) =>
    Object.entries({ idle: 1 - busy, user: 0.7 * busy, system: 0.3 * busy, iowait: 0 }).map(
      ([mode, share]) => add('node_cpu_seconds_total', { ...node, cpu: core, mode }, 10_000, share),
    ),
  );
  const disk = { ...node, mountpoint: '/', device: '/dev/vda', fstype: 'ext4' };
  const device = { ...node, device: 'eth0' };
  const ready = { ...kubernetes, condition: 'Ready' };
  return [
    ...cpu,
    add('node_uname_info', { ...node, nodename: `node-${n}` }, 1),
    add('node_memory_MemTotal_bytes', node, 16 * gib),
    add('node_memory_MemAvailable_bytes', node, 12 * gib),
    add('node_filesystem_size_bytes', disk, 100 * gib),
    add('node_filesystem_avail_bytes', disk, 60 * gib),
    add('node_filesystem_readonly', disk, 0),
    add('node_network_receive_bytes_total', device, 1e9, 1e6),
    add('node_network_transmit_bytes_total', device, 1e9, 1e6),
    add('node_network_receive_errs_total', device, 0),
    add('node_network_transmit_errs_total', device, 0),
    add('kube_node_info', { ...kubernetes, internal_ip: `10.0.0.${n}` }, 1),
    add('kube_node_status_condition', { ...ready, status: 'true' }, 1),
    add('kube_node_status_condition', { ...ready, status: 'false' }, 0),
    add('kube_node_status_condition', { ...ready, status: 'unknown' }, 0),
    add('kepler_node_platform_joules_total', { ...node, job: 'kepler' }, 1e6, 100),
  ];
}
