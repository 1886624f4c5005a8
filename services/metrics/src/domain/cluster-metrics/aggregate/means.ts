import type { NodeMetric } from '../../metrics/types.js';
import type { Node } from '../../nodes/inventory.js';
import type { Span } from '../../time/window.js';
import { reader, type Table } from './node-table.js';

/** What was measured of one piece of a span. */
export interface Piece {
  readonly span: Span;
  readonly table: Table;
  /** Seconds in which any node was seen; `null` where it was not asked or failed. */
  readonly coveredByAny: number | null;
}

/** The mean of a node in one piece, the seconds it speaks for, and what it weighs there. */
interface Part {
  readonly value: number;
  readonly seconds: number;
  readonly weight: number | null;
}

/** Means of one metric over a span, by node and of the cluster. */
export interface Means {
  node(node: Node): number | null;
  /** Of those nodes: shares weighted, amounts added up over the time anything was seen. */
  cluster(nodes: readonly Node[], filtered: boolean): number | null;
  weight(node: Node): number | null;
}

export function meansOf(metric: NodeMetric, pieces: readonly Piece[]): Means {
  const known = new Map<Node, readonly (Part | null)[]>();
  const byPiece = (node: Node): readonly (Part | null)[] => {
    const parts = known.get(node) ?? pieces.map((piece) => partOf(metric, piece, node));
    known.set(node, parts);
    return parts;
  };
  const valueOf = ({ value }: Part) => value;
  const partsOf = (node: Node) => byPiece(node).filter((part) => part !== null);
  return {
    node: (node) => weightedMean(partsOf(node), valueOf, ({ seconds }) => seconds),
    cluster(nodes, filtered) {
      if (metric.kind === 'amount') return sumOf(pieces, byPiece, nodes, filtered);
      const all = nodes.flatMap(partsOf);
      const weights = all.flatMap(({ weight }) => weight ?? []);
      const usual = plainMean(weights) ?? 1;
      return weightedMean(all, valueOf, ({ seconds, weight }) => seconds * (weight ?? usual));
    },
    weight: (node) => partsOf(node).findLast(({ weight }) => weight !== null)?.weight ?? null,
  };
}

function partOf(metric: NodeMetric, piece: Piece, node: Node): Part | null {
  const length = piece.span.end - piece.span.start;
  const read = reader(piece.table, node);
  const covered = read('covered') ?? (piece.table.has('covered') ? 0 : length);
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
  pieces: readonly Piece[],
  byPiece: (node: Node) => readonly (Part | null)[],
  nodes: readonly Node[],
  filtered: boolean,
): number | null {
  let amount = 0;
  let seconds = 0;
  pieces.forEach(({ span, coveredByAny }, index) => {
    const own = nodes.map((node) => byPiece(node)[index]).filter((part) => part != null);
    if (own.length === 0) return;
    const longest = Math.max(...own.map((part) => part.seconds));
    const any = Math.min(coveredByAny ?? longest, span.end - span.start);
    seconds += filtered ? longest : Math.max(any, longest);
    amount += own.reduce((sum, part) => sum + part.value * part.seconds, 0);
  });
  return seconds === 0 ? null : amount / seconds;
}

/**
 * Mean of what has a value and a weight; `null` where nothing weighs. A month of a thousand nodes has
 * many: nothing is made of each.
 */
export function weightedMean<T>(
  items: readonly T[],
  valueOf: (item: T) => number,
  weightOf: (item: T) => number,
): number | null {
  let sum = 0;
  let weights = 0;
  for (const item of items) {
    const weight = weightOf(item);
    sum += valueOf(item) * weight;
    weights += weight;
  }
  return weights > 0 ? sum / weights : null;
}

/** Mean of values that weigh the same; `null` where there is none. */
export function plainMean(values: readonly number[]): number | null {
  return weightedMean(
    values,
    (value) => value,
    () => 1,
  );
}

/** How a window compares with the one before: points for shares, percent for amounts. */
export function changeOf(
  kind: NodeMetric['kind'],
  now: number | null,
  before: number | null,
): number | null {
  if (now === null || before === null) return null;
  if (kind === 'share') return now - before;
  return before === 0 ? null : (100 * (now - before)) / before;
}
