import { cpuReads } from './cpu.js';
import { memoryReads } from './memory.js';
import { countedDevices } from './network.js';
import { storageReads } from './storage.js';
import { statCounters } from '../node-metrics/plan.js';
import { freshMs } from '../targets/range-aggregation.js';
import type { Scope } from '../promql/scope.js';
import { openRange, shortestRateMs } from '../targets/aligned-blocks.js';

/** Turns the selector of a counter into its rate per second. */
export type RateOf = (selected: string) => string;

/**
 * A rate over the shortest sensible stretch, which ends `offsetMs` ago: what arrives late is in by
 * then, whereas a rate up to now is too low by what has not arrived.
 */
export function rateBefore(offsetMs: number, intervalMs: number): RateOf {
  const range = openRange(shortestRateMs(intervalMs) + intervalMs);
  const offset = offsetMs === 0 ? '' : ` offset ${offsetMs}ms`;
  return (selected) => `rate(${selected}${range}${offset})`;
}

const latest = (selected: string) => `last_over_time(${selected}${openRange(freshMs)})`;
const perNode = (expr: string) => `max by (cluster, instance) (${expr})`;

/** Cores that are busy, of each node. */
export function busyCores(scope: Scope, rateOf: RateOf): string {
  const rate = rateOf(scope.select(cpuReads.seconds, cpuReads.busy));
  return `sum by (cluster, instance) (max by (cluster, instance, cpu, mode) (${rate}))`;
}

export function allCores(scope: Scope): string {
  const idle = latest(scope.select(cpuReads.seconds, cpuReads.idle));
  return `count by (cluster, instance) (max by (cluster, instance, cpu) (${idle}))`;
}

export function memoryTotal(scope: Scope): string {
  return perNode(latest(scope.select(memoryReads.total)));
}

/** Memory that programs can still get, in bytes. */
export function memoryFree(scope: Scope): string {
  const read = (name: string) => perNode(latest(scope.select(name)));
  return `(${read(memoryReads.available)} or (${memoryReads.parts.map(read).join(' + ')}))`;
}

export function storageTotal(scope: Scope): string {
  return perNode(latest(scope.select(storageReads.size, storageReads.root)));
}

export function storageFree(scope: Scope): string {
  return perNode(latest(scope.select(storageReads.available, storageReads.root)));
}

/** Network errors a minute, received and sent, over the devices that count. */
export function errorsPerMinute(scope: Scope, rateOf: RateOf): string {
  const { receive_errors, transmit_errors } = statCounters;
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
  return `max by (cluster, node) (${latest(ready)})`;
}

/** When the node's exporter was last heard of, Unix seconds. */
export function heardOf(scope: Scope): string {
  return ['node_memory_MemTotal_bytes', 'node_uname_info']
    .map((name) => perNode(`timestamp(${scope.select(name)})`))
    .join(' or ');
}

/** Percent of something, from what there is and what of it is free. */
export const usage = (total: string, free: string) => `100 * (1 - (${free}) / (${total}))`;
