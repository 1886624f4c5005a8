import { dramFigure, powerFigures, powerSources, type PowerSource } from '../../metrics/power.js';
import type { Node, NodeInventory } from '../../nodes/inventory.js';
import type { RangeFigures } from '../../promql/figure.js';
import { onGrid, type Grid } from '../../promql/grid.js';
import { createLabelsKey } from '../../promql/labels.js';
import type { PartFigures } from './part-figures.js';

/** Energy of one node over a window, from one source. */
export interface Energy {
  joules: number;
  seconds: number;
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
  window: readonly PartFigures[],
  previous: readonly PartFigures[],
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

function energies(
  parts: readonly PartFigures[],
  index: number,
  find: (labels: Readonly<Record<string, string>>) => Node,
): Map<Node, Energy> {
  const names = powerFigures(index);
  const total = new Map<Node, Energy>();
  for (const { range, figures } of parts) {
    const length = range.end - range.start;
    const rows = new Map<Node, Energy>();
    const seconds = new Map(
      (figures.get(names.covered) ?? []).map(({ metric, value }) => [keyOf(metric), value]),
    );
    const { kind } = powerSources[index] ?? { kind: 'joules' };
    for (const { metric, value: grown } of figures.get(names[kind]) ?? []) {
      const known = seconds.get(keyOf(metric));
      if (kind === 'joules' && (known === undefined || known <= 0)) continue;
      // Duplicates are joules and seconds more.
      const covered = Math.min(length, known ?? length);
      const value = kind === 'joules' ? grown / (known ?? length) : grown;
      // An exporter that came back under another address is two rows of one node.
      add(rows, find(metric), { joules: value * covered, seconds: covered, dramJoules: null });
    }
    for (const { metric, value } of figures.get(dramFigure) ?? []) {
      const own = rows.get(find(metric));
      if (own !== undefined) own.dramJoules = (own.dramJoules ?? 0) + value * own.seconds;
    }
    for (const [node, energy] of rows) {
      add(total, node, { ...energy, seconds: Math.min(length, energy.seconds) });
    }
  }
  return total;
}

const keyOf = createLabelsKey((label) => label !== 'figure');

function add(
  energies: Map<Node, Energy>,
  node: Node,
  { joules, seconds, dramJoules }: Energy,
): void {
  const own = energies.get(node);
  if (own === undefined) {
    energies.set(node, { joules, seconds, dramJoules });
    return;
  }
  own.joules += joules;
  own.seconds += seconds;
  if (dramJoules !== null) own.dramJoules = (own.dramJoules ?? 0) + dramJoules;
}

function columnsOf(
  range: RangeFigures,
  index: number,
  grid: Grid,
  inventory: NodeInventory,
): Map<Node, Float64Array> {
  const columns = new Map<Node, Float64Array>();
  for (const row of range.get(powerFigures(index).watts) ?? []) {
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
