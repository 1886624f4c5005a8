import type { MetricFields } from '@bud-monitoring/contracts';
import { dramFigure, powerFigures, powerSources, type PowerSource } from '../../metrics/power.js';
import { kwh, round } from '../../units.js';
import type { Node, Roster } from '../../nodes/inventory.js';
import type { RangeFigures } from '../../promql/figure.js';
import { changeOf } from './means.js';
import type { PieceFigures } from './part-figures.js';
import { onGrid, type Grid } from '../../promql/grid.js';
import { createTextOf } from '../../promql/labels.js';
import { clusterColumn, seriesOf, type SeriesForm } from './columns.js';

/** Energy of one node over a span, from one source. */
interface Energy {
  joules: number;
  seconds: number;
  dramJoules: number | null;
}

/** Energy of the nodes over a window and the one before it. */
export interface Power {
  readonly nodes: ReadonlyMap<Node, NodePower>;
}

interface NodePower {
  readonly source: PowerSource;
  readonly now: Energy;
  /** From the same source, else there is nothing to compare. */
  readonly before: Energy | null;
  readonly column: Float64Array | null;
}

/** Takes the first source that a node has; `find` says whose a row is. */
export function powerOf(
  window: readonly PieceFigures[],
  previous: readonly PieceFigures[],
  series: { range: RangeFigures; grid: Grid } | null,
  roster: Roster,
): Power {
  const nodes = new Map<Node, NodePower>();
  powerSources.forEach((source, index) => {
    const before = energies(previous, index, (labels) => roster.find(labels, false));
    const columns = series === null ? null : columnsOf(series.range, index, series.grid, roster);
    for (const [node, now] of energies(window, index, (labels) => roster.find(labels, true))) {
      if (nodes.has(node)) continue;
      const column = columns?.get(node) ?? null;
      nodes.set(node, { source, now, before: before.get(node) ?? null, column });
    }
  });
  return { nodes };
}

function energies(
  pieces: readonly PieceFigures[],
  index: number,
  find: (labels: Readonly<Record<string, string>>) => Node,
): Map<Node, Energy> {
  const names = powerFigures(index);
  const total = new Map<Node, Energy>();
  for (const { span, figures } of pieces) {
    const length = span.end - span.start;
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

const keyOf = createTextOf((label) => label !== 'figure');

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
  roster: Roster,
): Map<Node, Float64Array> {
  const columns = new Map<Node, Float64Array>();
  for (const row of range.get(powerFigures(index).watts) ?? []) {
    const node = roster.find(row.metric, true);
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

type Fields = MetricFields<'power'>;

/** The wire form of one node. */
export function nodePower(power: Power, node: Node, grid: Grid | null, form: SeriesForm): Fields {
  const own = power.nodes.get(node);
  const fields = fieldsOf(own === undefined ? [] : [own], own?.now.seconds ?? 0);
  return grid === null ? fields : { ...fields, time_series: seriesOf(own?.column, grid, form, 2) };
}

/** The wire form of the sum over those nodes. */
export function clusterPower(
  power: Power,
  nodes: readonly Node[],
  grid: Grid | null,
  form: SeriesForm,
): Fields {
  const own = nodes.map((node) => power.nodes.get(node)).filter((one) => one !== undefined);
  const fields = fieldsOf(own, Math.max(0, ...own.map(({ now }) => now.seconds)));
  if (grid === null) return fields;
  const columns = own.flatMap(({ column }) => (column === null ? [] : [{ column, weight: 1 }]));
  const column = columns.length === 0 ? null : clusterColumn(columns, 'amount', grid);
  return { ...fields, time_series: seriesOf(column, grid, form, 2) };
}

function fieldsOf(nodes: readonly NodePower[], seconds: number): Fields {
  const energy = sum(nodes, ({ now }) => now);
  const before = sum(nodes, (node) => node.before);
  const watts = energy === null || seconds <= 0 ? null : energy.joules / seconds;
  const beforeSeconds = Math.max(0, ...nodes.map((node) => node.before?.seconds ?? 0));
  return {
    total_kwh: round(energy && energy.joules / kwh, 6),
    average_watts: round(watts),
    covered_seconds: energy === null ? null : Math.round(seconds),
    unit: 'kWh',
    source: same(nodes.map(({ source }) => source.metric)),
    scope: same(nodes.map(({ source }) => source.scope)),
    estimated: nodes.some(({ source }) => source.estimated),
    dram_kwh: round(energy?.dramJoules == null ? null : energy.dramJoules / kwh, 6),
    average: round(watts),
    previous_average: round(
      before === null || beforeSeconds === 0 ? null : before.joules / beforeSeconds,
    ),
    change_percent: round(changeOf('amount', energy?.joules ?? null, before?.joules ?? null)),
  };
}

function sum(nodes: readonly NodePower[], of: (node: NodePower) => Energy | null): Energy | null {
  const energies = nodes.map(of).filter((energy) => energy !== null);
  if (energies.length === 0) return null;
  const dram = energies.map(({ dramJoules }) => dramJoules).filter((joules) => joules !== null);
  return {
    joules: energies.reduce((total, { joules }) => total + joules, 0),
    seconds: 0,
    dramJoules: dram.length === 0 ? null : dram.reduce((total, joules) => total + joules, 0),
  };
}

function same<T>(values: readonly T[]): T | 'mixed' | null {
  const [first, ...others] = new Set(values);
  if (first === undefined) return null;
  return others.length === 0 ? first : 'mixed';
}
