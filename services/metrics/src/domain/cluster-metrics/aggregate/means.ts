import { plausible } from '../../bounds.js';
import type { NodeMetric } from '../../metrics/types.js';
import type { Node } from '../../nodes/inventory.js';
import { createPace, mapInTurns } from '../../turns/pace.js';
import { lengthOf } from '../../time-base/blocks/target-block.js';
import { plainMean, weightedMean } from './average.js';
import { reader } from './node-table.js';
import type { PresenceOf } from './presence.js';
import type { WindowPart } from './window-part.js';

/** The mean of a node in one part, the seconds it covers, and its weight there. */
interface NodeMean {
  readonly value: number;
  readonly seconds: number;
  readonly weight: number | null;
  /** Whether no sample of its exporter is left: what a recording rule says is of the whole part. */
  readonly isRecorded: boolean;
}

/** Means of one metric over a window, by node and of the cluster. */
export interface Means {
  readonly node: (node: Node) => number | null;
  /** Of those nodes by the time each was there: shares weighted, amounts added up. */
  cluster(nodes: readonly Node[]): Promise<number | null>;
  weight(node: Node): number | null;
}

/** Means of a metric over the parts of a window; `onImplausible` is told of nodes that have parts that cannot be. */
export function meansOf(
  metric: NodeMetric,
  parts: readonly WindowPart[],
  { presence, onImplausible }: { presence: PresenceOf; onImplausible: (node: Node) => void },
): Means {
  const known = new Map<Node, readonly (NodeMean | null)[]>();
  const byPart = (node: Node): readonly (NodeMean | null)[] => {
    const means =
      known.get(node) ?? parts.map((part) => nodeMean(metric, part, node, onImplausible));
    known.set(node, means);
    return means;
  };
  const meansOfNode = (node: Node) => byPart(node).filter((mean) => mean !== null);
  const meanOfNode = (node: Node) => {
    const own = meansOfNode(node);
    const usual = plainMean(own.flatMap(({ weight }) => weight ?? [])) ?? 1;
    return weightedMean(
      own,
      ({ value }) => value,
      // A gauge that was sampled once says something where nothing else does.
      ({ seconds, weight }) =>
        Math.max(seconds, 1e-6) * (metric.kind === 'share' ? (weight ?? usual) : 1),
    );
  };
  return {
    node: meanOfNode,
    async cluster(nodes) {
      const { seconds, any } = await presence(nodes);
      const weighed = await mapInTurns(nodes, (node) =>
        meansOfNode(node).flatMap(({ weight: own }) => own ?? []),
      );
      const usual = plainMean(weighed.flat()) ?? 1;
      const pace = createPace();
      let sum = 0;
      let weights = 0;
      for (const [at, node] of nodes.entries()) {
        await pace();
        const own = byPart(node);
        const size = plainMean(weighed[at] ?? []) ?? usual;
        const mean = meanOfNode(node);
        if (mean === null) continue;
        parts.forEach((part, index) => {
          const weight =
            Math.max(seconds(node, part), leastSeconds(own[index])) *
            (metric.kind === 'share' ? (own[index]?.weight ?? size) : 1);
          sum += (own[index]?.value ?? mean) * weight;
          weights += weight;
        });
      }
      if (metric.kind === 'share') return weights > 0 ? sum / weights : null;
      return weights > 0 ? sum / Math.max(any, 1e-6) : null;
    },
    weight: (node) => meansOfNode(node).findLast(({ weight }) => weight !== null)?.weight ?? null,
  };
}

function leastSeconds(mean: NodeMean | null | undefined): number {
  if (mean == null) return 0;
  return mean.isRecorded ? mean.seconds : 1e-6;
}

function nodeMean(
  metric: NodeMetric,
  part: WindowPart,
  node: Node,
  onImplausible: (node: Node) => void,
): NodeMean | null {
  const block = part.nodes?.get(node);
  const gauges = reader(part.table, node);
  const read = (figure: string) => block?.values.get(figure) ?? gauges(figure);
  const values = metric.quantities.map((quantity) => quantity.meanOf(read));
  if (values.some((value) => value === null)) return null;
  const sum = values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const value = plausible(sum, metric.bounds);
  if (value === null) {
    onImplausible(node);
    return null;
  }
  const { start, end } = part.range;
  const isRecorded = part.nodes !== null && block === undefined;
  return {
    value,
    seconds: isRecorded || part.nodes === null ? end - start : lengthOf(block?.runs ?? []),
    isRecorded,
    weight: metric.quantities[0]?.weightOf?.(read) ?? null,
  };
}
