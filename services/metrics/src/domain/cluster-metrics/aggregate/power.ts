import { dramFigures, powerFigure, powerSources, type PowerSource } from '../../metrics/power.js';
import type { Node, NodeInventory } from '../../nodes/inventory.js';
import type { Labels } from '../../../ports.js';
import type { RangeFigures } from '../../promql/figure.js';
import { onGrid, type Grid } from '../../promql/grid.js';
import { lengthOf } from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import type { WindowPart } from './window-part.js';
import { byNode } from './node-figures.js';

/** Energy of one node over a window, from one source. */
export interface Energy {
  joules: number;
  seconds: number;
  /** When it was measured, and seconds between samples. */
  readonly present: TimeRange[];
  interval: number;
  dramJoules: number | null;
}

/** Energy of the nodes over a window and the one before it. */
export interface Power {
  readonly nodes: ReadonlyMap<Node, NodePower>;
}

export interface NodePower {
  readonly source: PowerSource;
  readonly now: Energy;
  /** From the same source, else there is nothing to compare. */
  readonly before: Energy | null;
  readonly column: Float64Array | null;
}

/** Takes the first source that a node has. */
export function powerOf(
  window: readonly WindowPart[],
  previous: readonly WindowPart[],
  series: { range: RangeFigures; grid: Grid } | null,
  inventory: NodeInventory,
): Power {
  const nodes = new Map<Node, NodePower>();
  powerSources.forEach((source, index) => {
    const before = energies(previous, index, (labels) => inventory.find(labels, false));
    const columns = series === null ? null : columnsOf(series.range, index, series.grid, inventory);
    for (const [node, now] of energies(window, index, (labels) => inventory.find(labels, true))) {
      if (nodes.has(node)) continue;
      const column = columns?.get(node) ?? null;
      nodes.set(node, { source, now, before: before.get(node) ?? null, column });
    }
  });
  return { nodes };
}

/** Energy of each node that had the source: mean power over the seconds that it was measured. */
function energies(
  parts: readonly WindowPart[],
  index: number,
  find: (labels: Labels) => Node,
): Map<Node, Energy> {
  const total = new Map<Node, Energy>();
  for (const part of parts) {
    const blocksOf = (figure: string) =>
      byNode(part.targets.get(figure) ?? [], ({ metric }) => find(metric));
    const dram = dramFigures.map((figure) => ({ figure, blocks: blocksOf(figure) }));
    const figure = powerFigure(index);
    for (const [node, block] of blocksOf(figure)) {
      const watts = block.values.get(figure);
      const seconds = lengthOf(block.runs);
      if (watts === undefined || seconds === 0) continue;
      const energy = total.get(node) ?? {
        joules: 0,
        seconds: 0,
        present: [],
        interval: 0,
        dramJoules: null,
      };
      total.set(node, energy);
      energy.joules += watts * seconds;
      energy.seconds += seconds;
      energy.present.push(...block.present);
      energy.interval = Math.max(energy.interval, block.interval);
      const own = dram
        .map((one) => one.blocks.get(node)?.values.get(one.figure))
        .find((value) => value !== undefined);
      if (own !== undefined) energy.dramJoules = (energy.dramJoules ?? 0) + own * seconds;
    }
  }
  return total;
}

function columnsOf(
  range: RangeFigures,
  index: number,
  grid: Grid,
  inventory: NodeInventory,
): Map<Node, Float64Array> {
  const columns = new Map<Node, Float64Array>();
  for (const row of range.get(powerFigure(index)) ?? []) {
    const node = inventory.find(row.metric, true);
    const own = columns.get(node);
    const column = onGrid(row, grid);
    if (own !== undefined) column.forEach((value, at) => (column[at] = merged(own[at], value)));
    columns.set(node, column);
  }
  return columns;
}

/** Rows of one node at a point: an exporter under its old and its new address. */
function merged(a = NaN, b = NaN): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}
