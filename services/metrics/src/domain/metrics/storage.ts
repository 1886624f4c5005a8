import type { LabelMatcher } from '@bud-monitoring/promql';
import type { Figure } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { endReading } from '../targets/instant-reading.js';
import type { FallbackFigure } from '../targets/probe.js';
import { shareMetric, type GaugeReading } from './share.js';

const size = 'node_filesystem_size_bytes';
const available = 'node_filesystem_avail_bytes';
const readonly = 'node_filesystem_readonly';
const root: LabelMatcher = { label: 'mountpoint', op: '=', value: '/' };
/** Neither in memory, nor a layer over an image, nor on the network. */
const onDisk: LabelMatcher = {
  label: 'fstype',
  op: '!~',
  value:
    'tmpfs|ramfs|overlay|squashfs|erofs|nfs.*|cifs|smb.*|fuse.*|lustre|ceph|gpfs|beegfs.*|glusterfs|wekafs|9p|virtiofs|afs',
};

/**
 * Where the data of a node is whose root is an image: Bottlerocket, composefs, COS, Talos, Ubuntu Core; and its root as
 * an exporter in a container may see it.
 */
const others: readonly LabelMatcher[] = [
  {
    label: 'mountpoint',
    op: '=~',
    value:
      '/var(/lib)?|/local|/sysroot|/writable|/mnt/stateful_partition|/rootfs|/hostfs|/host(/root(fs)?)?',
  },
  onDisk,
];

/** Known as a metric is where nodes may keep their data elsewhere than in their root. */
const elsewhere = 'node_filesystem_size_bytes elsewhere';

/** A root below this holds no data of a node, bytes. */
const tiny = 2 ** 31;

/** Which nodes are meant, by their labels, and how the newest values of a range are read. */
interface Nodes {
  readonly by: string;
  readonly latest: (selected: string) => string;
}

/**
 * Nodes whose root holds their data: it is on a disk and neither read-only nor tiny. Of many it is not even shown, as
 * exporters leave out the file systems of images.
 */
function withRoot(scope: Scope, { by, latest }: Nodes): string {
  const locked = `${latest(scope.select(readonly, root))} == 1`;
  const large = `${latest(scope.select(size, root, onDisk))} >= ${tiny}`;
  return `(${large} unless on (${by}, mountpoint) ${locked})`;
}

/** The largest writable file system of each node among the others: one for each of its mounts. */
function largestOther(scope: Scope, { by, latest }: Nodes): string {
  const locked = `${latest(scope.select(readonly, ...others))} == 1`;
  const writable = `(${latest(scope.select(size, ...others))} unless on (${by}, mountpoint) ${locked})`;
  return `(${writable} == on (${by}) group_left () max by (${by}) (${writable}))`;
}

/**
 * Reads a metric of the file system that holds the node's data: the root or, where that is not on a disk, read-only or
 * tiny, the largest writable one of the others. `perNode` reads series, those that `and` leaves, as one for each node.
 */
export function ofDataFileSystem(
  scope: Scope,
  metric: 'size' | 'available',
  nodes: Nodes & { readonly perNode: (selected: string, and: string) => string },
): string {
  const { by, perNode } = nodes;
  const name = metric === 'size' ? size : available;
  const whole = perNode(scope.select(name, root), '');
  if (!scope.has(elsewhere)) return whole;
  const isLargest = ` and on (${by}, mountpoint) ${largestOther(scope, nodes)}`;
  const other = perNode(scope.select(name, ...others), isLargest);
  return `((${whole} and on (${by}) ${withRoot(scope, nodes)}) or ${other} or ${whole})`;
}

const ofInstances = ({ perInstance, latest }: GaugeReading) => ({
  by: 'instance',
  perNode: perInstance,
  latest,
});

/** How many nodes may keep their data elsewhere than in their root: only then is more read than that. */
export function storageFallbackFigures(scope: Scope): FallbackFigure[] {
  if (!scope.has(size)) return [];
  const nodes = { by: 'instance', latest: endReading.latest };
  const shown = nodes.latest(scope.select(size, ...others));
  const expr = `count(max by (instance) (${shown}) unless on (instance) ${withRoot(scope, nodes)})`;
  return [{ metric: elsewhere, figure: { figure: 'alone:storage', expr } }];
}

/** Name of the figure whose label `mountpoint` tells where a node's data is, if it is not the root. */
export const mountpointFigure = 'storage:mountpoint';

/** Where the data of nodes is that keep it elsewhere. */
export function mountpointFigures(scope: Scope): Figure[] {
  if (!scope.has(elsewhere)) return [];
  const nodes = { by: 'instance', latest: endReading.latest };
  const found = `${largestOther(scope, nodes)} unless on (instance) ${withRoot(scope, nodes)}`;
  return [{ figure: mountpointFigure, expr: `max by (instance, mountpoint) (${found})` }];
}

/** The file system of the node's data; where a mount shows twice (rootfs), the larger counts and not the sum. */
export const storage = shareMetric({
  id: 'storage',
  metricNames: [size, available, readonly],
  sum: (expr) => `max by (instance) (sum by (instance, device, mountpoint) (${expr}))`,
  total: (scope, reading) => ofDataFileSystem(scope, 'size', ofInstances(reading)),
  free: (scope, reading) => ofDataFileSystem(scope, 'available', ofInstances(reading)),
});
