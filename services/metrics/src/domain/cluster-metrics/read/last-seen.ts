import type { MetricSource, Row } from '../../../ports.js';
import { lastSampleFigures, lastSampleIn } from '../../metrics/fleet-expressions.js';
import type { Node } from '../../nodes/inventory.js';
import { maxNamesLength } from '../../promql/expression-limit.js';
import { queryFigures } from '../../promql/queries.js';
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
  /** Whether any node was heard at the end. */
  readonly isHeard: boolean;
  readonly signal: AbortSignal;
}

/** Newest samples, Unix seconds. */
export interface LastSeen {
  readonly times: ReadonlyMap<Node, number>;
  /** That of the cluster; `null` where nodes are heard at the end, or none was for a day. */
  readonly newest: number | null;
  readonly failed: unknown;
}

/** The newest samples of nodes that are silent at the end; where there are none, of the cluster in the day before. */
export async function findLastSeen(
  source: MetricSource,
  request: LastSeenRequest,
): Promise<LastSeen> {
  const { probe, window, isHeard, signal } = request;
  const { times, failed } = await timesOfNodes(source, request);
  const newest = times.size === 0 ? null : Math.max(...times.values());
  if (isHeard || newest !== null || failed !== null) return { times, newest, failed };
  const figures = lastSampleFigures(probe.scope);
  try {
    const read = await queryFigures(source, figures, { at: window.end, signal });
    return { times, newest: lastSampleIn(read.figures), failed };
  } catch (error) {
    return { times, newest, failed: error };
  }
}

/** Of nodes: to 5 minutes in one request, to the second in another; none where no node is silent. */
async function timesOfNodes(
  source: MetricSource,
  { probe, window, silent, signal }: LastSeenRequest,
): Promise<Pick<LastSeen, 'times' | 'failed'>> {
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
