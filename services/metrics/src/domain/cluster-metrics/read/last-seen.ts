import type { MetricSource, Row } from '../../../ports.js';
import { heartbeatOf, nodeFamily } from '../../targets/node-exporter.js';
import type { Node } from '../../nodes/inventory.js';
import { freshMs } from '../../targets/range-aggregation.js';
import type { Probe } from '../../targets/probe.js';
import { openRange } from '../../targets/aligned-blocks.js';
import type { Window } from '../../time/window.js';

/** Characters of an expression, and of one node in it beside its name: some stores take 16 kB. */
const mostText = 15_000;
const textOfOne = 170;

interface LastSeenRequest {
  readonly probe: Probe;
  readonly window: Window;
  readonly silent: Iterable<Node>;
  readonly signal: AbortSignal;
}

/**
 * When nodes that are silent at the end were heard of last (Unix seconds): to 5 minutes in one request,
 * to the second in another. None where no node is silent.
 */
export async function findLastSeen(
  source: MetricSource,
  { probe, window, silent, signal }: LastSeenRequest,
): Promise<{ times: Map<Node, number>; failed: unknown }> {
  const times = new Map<Node, number>();
  const nodes = new Map<string, Node>();
  for (const node of silent) if (node.instance !== null) nodes.set(node.instance, node);
  const keep = (rows: readonly Row[]) => {
    for (const { metric, value } of rows) {
      const node = nodes.get(metric['instance'] ?? '');
      if (node !== undefined && Number.isFinite(value)) times.set(node, value);
    }
  };
  const few = textOfOne * nodes.size + [...nodes.keys()].join('').length <= mostText;
  const heartbeat = heartbeatOf(probe.scope, few ? [...nodes.keys()] : undefined);
  if (nodes.size === 0 || heartbeat === null) return { times, failed: null };
  try {
    const tileMs = Math.max(freshMs, probe.widestMs(nodeFamily, window));
    const spanMs = Math.max(tileMs, (window.end - window.start) * 1000);
    const heard = `max by (instance) (count_over_time(${heartbeat}${openRange(tileMs)}))`;
    const coarse = `max_over_time((${heard} * 0 + time())[${spanMs}ms:${tileMs}ms])`;
    keep((await source.query(coarse, window.end, signal)).series);
    if (few && times.size > 0) {
      const exact = [...times].map(([{ instance }, time]) => {
        const own = heartbeatOf(probe.scope, [instance ?? '']) ?? '';
        return `max by (instance) (timestamp(${own} @ ${time}))`;
      });
      keep((await source.query(exact.join(' or '), window.end, signal)).series);
    }
    return { times, failed: null };
  } catch (failed) {
    return { times, failed };
  }
}
