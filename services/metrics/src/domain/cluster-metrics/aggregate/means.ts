import type { NodeMetric } from '../../metrics/types.js';
import type { Node } from '../../nodes/inventory.js';
import type { TimeRange } from '../../time/time-range.js';
import { plainMean, weightedMean } from './average.js';
import { reader, type Table } from './node-table.js';

/** The figures of one part of a window, by node. */
export interface WindowPart {
  readonly range: TimeRange;
  readonly table: Table;
  /** Seconds in which any node was seen; `null` where it was not read or failed. */
  readonly coveredByAny: number | null;
}

/** The mean of a node in one part, the seconds it covers, and its weight there. */
interface NodeMean {
  readonly value: number;
  readonly seconds: number;
  readonly weight: number | null;
}

/** Means of one metric over a window, by node and of the cluster. */
export interface Means {
  node(node: Node): number | null;
  /** Of those nodes: shares weighted, amounts added up over the time any node was seen. */
  cluster(nodes: readonly Node[], filtered: boolean): number | null;
  weight(node: Node): number | null;
}

/** Means of a metric over the parts of a window. */
export function meansOf(metric: NodeMetric, parts: readonly WindowPart[]): Means {
  const known = new Map<Node, readonly (NodeMean | null)[]>();
  const byPart = (node: Node): readonly (NodeMean | null)[] => {
    const means = known.get(node) ?? parts.map((part) => nodeMean(metric, part, node));
    known.set(node, means);
    return means;
  };
  const valueOf = ({ value }: NodeMean) => value;
  const meansOfNode = (node: Node) => byPart(node).filter((mean) => mean !== null);
  return {
    node: (node) => weightedMean(meansOfNode(node), valueOf, ({ seconds }) => seconds),
    cluster(nodes, filtered) {
      if (metric.kind === 'amount') return sumOf(parts, byPart, nodes, filtered);
      const all = nodes.flatMap(meansOfNode);
      const weights = all.flatMap(({ weight }) => weight ?? []);
      const usual = plainMean(weights) ?? 1;
      return weightedMean(all, valueOf, ({ seconds, weight }) => seconds * (weight ?? usual));
    },
    weight: (node) => meansOfNode(node).findLast(({ weight }) => weight !== null)?.weight ?? null,
  };
}

function nodeMean(metric: NodeMetric, part: WindowPart, node: Node): NodeMean | null {
  const length = part.range.end - part.range.start;
  const read = reader(part.table, node);
  const covered = read('covered') ?? (part.table.has('covered') ? 0 : length);
  const values = metric.quantities.map((quantity) => quantity.meanOf(read, covered));
  if (values.some((value) => value === null)) return null;
  return {
    value: values.reduce<number>((sum, value) => sum + (value ?? 0), 0),
    // Duplicates cover more than there is.
    seconds: Math.min(length, covered),
    weight: metric.quantities[0]?.weightOf?.(read) ?? null,
  };
}

function sumOf(
  parts: readonly WindowPart[],
  byPart: (node: Node) => readonly (NodeMean | null)[],
  nodes: readonly Node[],
  filtered: boolean,
): number | null {
  let amount = 0;
  let seconds = 0;
  parts.forEach(({ range, coveredByAny }, index) => {
    const own = nodes.map((node) => byPart(node)[index]).filter((mean) => mean != null);
    if (own.length === 0) return;
    const longest = Math.max(...own.map((mean) => mean.seconds));
    const any = Math.min(coveredByAny ?? longest, range.end - range.start);
    seconds += filtered ? longest : Math.max(any, longest);
    amount += own.reduce((sum, mean) => sum + mean.value * mean.seconds, 0);
  });
  return seconds === 0 ? null : amount / seconds;
}
