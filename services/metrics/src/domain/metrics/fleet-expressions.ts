import type { Figure, Figures } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { endReading } from '../targets/instant-reading.js';
import { kubernetesNodeLabels } from '../targets/node-labels.js';
import type { OverRange } from '../time-base/counter-figure.js';
import { byteBounds, partSlack, percentBounds, wherePlausible } from '../bounds.js';
import { coreSeries, cpuSource } from './cpu.js';
import { memorySource } from './memory.js';
import { countedDevices, networkCounters } from './network.js';
import { ofDataFileSystem } from './storage.js';

const { latest } = endReading;
const perNode = (expr: string) => `max by (cluster, instance) (${expr})`;
const nodes = {
  by: 'cluster, instance',
  latest,
  perNode: (selected: string, and: string) => perNode(`${latest(selected)}${and}`),
};

/** Busy cores of each node. */
export function busyCores(scope: Scope, rateOf: OverRange): string {
  const rate = rateOf(scope.select(cpuSource.seconds, cpuSource.busy));
  return `sum by (cluster, instance) (max by (cluster, instance, cpu, mode) (${rate}))`;
}

/** Number of cores of each node. */
export function allCores(scope: Scope): string {
  return `count by (cluster, instance) (max by (cluster, instance, cpu) (${latest(coreSeries(scope))}))`;
}

/** Memory of each node, in bytes. */
export function memoryTotal(scope: Scope): string {
  return perNode(latest(scope.select(memorySource.total)));
}

/** Memory that is available to programs, in bytes. */
export function memoryFree(scope: Scope): string {
  const read = (name: string) => perNode(latest(scope.select(name)));
  return `(${read(memorySource.available)} or (${memorySource.parts.map(read).join(' + ')}))`;
}

/** Size of the file system that holds the data of each node, in bytes. */
export function storageTotal(scope: Scope): string {
  return ofDataFileSystem(scope, 'size', nodes);
}

/** What of it is available, in bytes. */
export function storageFree(scope: Scope): string {
  return ofDataFileSystem(scope, 'available', nodes);
}

/** Network errors a minute, received and sent, over the devices that count. */
export function errorsPerMinute(scope: Scope, rateOf: OverRange): string {
  const { receive_errors, transmit_errors } = networkCounters;
  const [received, sent] = [receive_errors, transmit_errors].map((name) => {
    const rate = rateOf(scope.select(name, countedDevices(scope)));
    return `sum by (cluster, instance) (max by (cluster, instance, device) (${rate}))`;
  });
  return `60 * (${received ?? ''} + ${sent ?? ''})`;
}

/** 1 for each node that is ready, 0 for each that is not. */
export function nodeReady(scope: Scope): string {
  const ready = scope.select(
    'kube_node_status_condition',
    { label: 'condition', op: '=', value: 'Ready' },
    { label: 'status', op: '=', value: 'true' },
  );
  return `max by (cluster, ${kubernetesNodeLabels}) (${latest(ready)})`;
}

/** Time of the newest sample of the node's exporter, Unix seconds. */
export function newestSample(scope: Scope): string {
  return ['node_memory_MemTotal_bytes', 'node_uname_info']
    .map((name) => perNode(`timestamp(${scope.select(name)})`))
    .join(' or ');
}

/**
 * Times of the newest samples of clusters that are silent, Unix seconds: of exporters and of kube-state-metrics, by
 * looks each 5 minutes of the day before.
 */
export function lastSampleFigures(scope: Scope): Figure[] {
  const newest = (expr: string) => `max by (cluster) (max_over_time((${expr})[1d:5m]))`;
  const kubernetes = `max by (cluster) (timestamp(${scope.select('kube_node_info')}))`;
  return [
    { figure: 'last:exporters', expr: newest(newestSample(scope)) },
    { figure: 'last:kubernetes', expr: newest(kubernetes) },
  ];
}

/** The newest of what these figures tell of one cluster; `null` where there was nothing. */
export function lastSampleIn(instant: Figures): number | null {
  const rows = ['last:exporters', 'last:kubernetes'].flatMap((name) => instant.get(name) ?? []);
  return rows.length === 0 ? null : Math.max(...rows.map(({ value }) => value));
}

/** Usage in percent of nodes of which it can be, from a total and what of it is free. */
export function usage(total: string, free: string): string {
  return wherePlausible(`100 * (1 - (${free}) / (${total}))`, percentBounds);
}

/** CPU usage in percent of the nodes of which it can be. */
export function cpuUsage(scope: Scope, rateOf: OverRange): string {
  return shareOfCores(scope, busyCores(scope, rateOf));
}

/** Busy cores of nodes in percent of all of theirs, where it can be. */
export function shareOfCores(scope: Scope, busy: string): string {
  return wherePlausible(`100 * ${busy} / ${allCores(scope)}`, percentBounds);
}

/** What of a total is free, of nodes of which both can be. */
export function plausibleFree(total: string, free: string): string {
  return `(${wherePlausible(free, byteBounds)} <= ${partSlack} * (${wherePlausible(total, byteBounds)} > 0))`;
}
