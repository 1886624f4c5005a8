import type { MetricSource, Row } from '../../../ports.js';
import type { Node } from '../../nodes/inventory.js';
import { maxNamesLength } from '../../promql/expression-limit.js';
import { leftOpenRange } from '../../promql/range-selector.js';
import { lookbackMs } from '../../targets/instant-reading.js';
import { heartbeatSelector } from '../../targets/node-exporter.js';
import type { Probe } from '../../targets/probe.js';
import type { Window } from '../../time/window.js';

/** Most characters of the nodes in an expression, and of one of them beside its name. */
const maxLength = maxNamesLength({ occurrences: 1, rest: 1_384 });
const lengthOfOne = 170;

interface LastSeenRequest {
  readonly probe: Probe;
  readonly window: Window;
  readonly silent: Iterable<Node>;
  readonly signal: AbortSignal;
}

/**
 * The newest sample of nodes that are silent at the end (Unix seconds): to 5 minutes in one request, to
 * the second in another. None where no node is silent.
 */
export async function findLastSeen(
  source: MetricSource,
  { probe, window, silent, signal }: LastSeenRequest,
): Promise<{ times: Map<Node, number>; failed: unknown }> {
  const times = new Map<Node, number>();
  const nodes = new Map<string, Node>();
  for (const node of silent) if (node.instance !== null) nodes.set(node.instance, node);
  const addTimes = (rows: readonly Row[]) => {
    for (const { metric, value } of rows) {
      const node = nodes.get(metric['instance'] ?? '');
      if (node !== undefined && Number.isFinite(value)) times.set(node, value);
    }
  };
  const isFew = lengthOfOne * nodes.size + [...nodes.keys()].join('').length <= maxLength;
  const heartbeat = heartbeatSelector(probe.scope, isFew ? [...nodes.keys()] : undefined);
  if (nodes.size === 0 || heartbeat === null) return { times, failed: null };
  try {
    const stepMs = lookbackMs;
    const rangeMs = Math.max(stepMs, (window.end - window.start) * 1000);
    const seen = `max by (instance) (count_over_time(${heartbeat}${leftOpenRange(stepMs)}))`;
    const coarse = `max_over_time((${seen} * 0 + time())[${rangeMs}ms:${stepMs}ms])`;
    addTimes((await source.query(coarse, window.end, signal)).series);
    if (isFew && times.size > 0) {
      const exact = [...times].map(([{ instance }, time]) => {
        const own = heartbeatSelector(probe.scope, [instance ?? '']) ?? '';
        return `max by (instance) (timestamp(${own} @ ${time}))`;
      });
      addTimes((await source.query(exact.join(' or '), window.end, signal)).series);
    }
    return { times, failed: null };
  } catch (failed) {
    return { times, failed };
  }
}
