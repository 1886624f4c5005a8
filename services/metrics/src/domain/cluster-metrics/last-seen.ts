import type { MetricSource } from '../../ports.js';
import { heartbeatOf, nodeFamily } from '../catalogue/exporter.js';
import type { Node } from '../nodes/roster.js';
import { splitRangeRows } from '../store/figure.js';
import type { Probe } from '../store/probe.js';
import type { Window } from '../time/window.js';
import { planLastSeen } from './plan.js';

/** Most instances that are named in one expression. */
const mostInstances = 200;

/** When nodes that are silent at the end were heard of last: one request, or none. */
export async function findLastSeen(
  source: MetricSource,
  request: {
    probe: Probe;
    window: Window;
    silent: Iterable<Node>;
    signal: AbortSignal;
  },
): Promise<{ times: Map<Node, number>; failed: unknown }> {
  const { probe, window, signal } = request;
  const times = new Map<Node, number>();
  const silent = new Map<string, Node>();
  for (const node of request.silent) if (node.instance !== null) silent.set(node.instance, node);
  const instances = silent.size > mostInstances ? undefined : [...silent.keys()];
  const heartbeat = heartbeatOf(probe.scope, instances);
  if (silent.size === 0 || heartbeat === null) return { times, failed: null };
  const plan = planLastSeen(window, probe.intervalMs(nodeFamily, window.end), heartbeat);
  try {
    const { series } = await source.queryRange(plan.expr, plan.at, signal);
    for (const row of splitRangeRows(series).get('') ?? []) {
      const node = silent.get(row.metric['instance'] ?? '');
      const newest = row.values.filter(Number.isFinite).at(-1);
      if (node !== undefined && newest !== undefined) times.set(node, newest);
    }
    return { times, failed: null };
  } catch (failed) {
    return { times, failed };
  }
}
