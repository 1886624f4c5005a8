import {
  cpuUsage,
  errorsPerMinute,
  memoryFree,
  memoryTotal,
  nodeReady,
  storageFree,
  storageTotal,
  usage,
} from '../../metrics/fleet-expressions.js';
import type { Scope } from '../../promql/scope.js';
import type { OverRange } from '../../time-base/counter-figure.js';
import type { AlertMetric } from '../record.js';

/** The expression that is compared with the thresholds of a metric, one value for each node. */
export const alertExpressions = {
  cpu_usage: cpuUsage,
  memory_usage: (scope: Scope) => usage(memoryTotal(scope), memoryFree(scope)),
  disk_usage: (scope: Scope) => usage(storageTotal(scope), storageFree(scope)),
  network_errors: errorsPerMinute,
  node_not_ready: (scope: Scope) => `1 - ${nodeReady(scope)}`,
} as const satisfies Readonly<Record<AlertMetric, (scope: Scope, rateOf: OverRange) => string>>;
