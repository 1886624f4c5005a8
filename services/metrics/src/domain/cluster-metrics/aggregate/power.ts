import type { Labels, RangeRow } from '../../../ports.js';
import { plausible, wattBounds } from '../../bounds.js';
import {
  byMeter,
  dramFigures,
  powerFigure,
  powerSources,
  type PowerSource,
} from '../../metrics/power.js';
import type { ImplausibleValues } from '../../nodes/implausible-values.js';
import type { Node, NodeInventory } from '../../nodes/inventory.js';
import { createPace, eachInTurns } from '../../turns/pace.js';
import type { RangeFigures } from '../../promql/figure.js';
import { filled, onGrid, type Grid } from '../../promql/grid.js';
import { beyond } from '../../time-base/blocks/block-figures.js';
import { lengthOf, unionOf, type MergedBlock } from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import type { WindowPart } from './window-part.js';
import { byNode } from './node-figures.js';

/** Energy of one node over a window, from one source: mean power over the seconds that it was measured. */
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

/** The answers of the store that tell of power. */
export interface PowerReadings {
  readonly window: readonly WindowPart[];
  readonly previous: readonly WindowPart[];
  readonly series: { readonly range: RangeFigures; readonly grid: Grid } | null;
}

/** One source, and the energy of every node that has it. */
interface SourceEnergies {
  readonly source: PowerSource;
  readonly index: number;
  readonly nodes: ReadonlyMap<Node, Energy>;
}

/** Takes the first source of each node that says something; what cannot be is added to `implausible`. */
export async function powerOf(
  { window, previous, series }: PowerReadings,
  { inventory, implausible }: { inventory: NodeInventory; implausible: ImplausibleValues },
): Promise<Power> {
  const find = (current: boolean) => (labels: Labels) => inventory.find(labels, current);
  const onImplausible = (node: Node) => {
    implausible.add('power', node);
  };
  const sources: SourceEnergies[] = [];
  for (const [index, source] of powerSources.entries()) {
    const nodes = await energies(window, [index], find(true), onImplausible);
    sources.push({ source, index, nodes });
  }
  const chosen = new Map<Node, SourceEnergies>();
  for (const node of new Set(sources.flatMap((one) => [...one.nodes.keys()]))) {
    const source = chooseSource(sources, node);
    if (source !== undefined) chosen.set(node, source);
  }
  const nodes = new Map<Node, NodePower>();
  for (const { source, index, nodes: alone } of sources) {
    const own = [...alone.keys()].filter((node) => chosen.get(node)?.index === index);
    if (own.length === 0) continue;
    const indexes = withSuccessors(sources, index);
    const all =
      indexes.length === 1 ? alone : await energies(window, indexes, find(true), onImplausible);
    const before = await energies(previous, indexes, find(false), () => undefined);
    const columns =
      series === null ? null : await columnsOf(series.range, indexes, series.grid, inventory);
    for (const node of own) {
      const now = all.get(node);
      if (now === undefined) continue;
      const column = columns?.get(node) ?? null;
      nodes.set(node, { source, now, before: before.get(node) ?? null, column });
    }
  }
  return { nodes };
}

/** A source that is stuck at zero, or a platform that is below its own package, says nothing. */
function chooseSource(sources: readonly SourceEnergies[], node: Node): SourceEnergies | undefined {
  const watts = ({ nodes }: SourceEnergies) => {
    const own = nodes.get(node);
    return own === undefined || own.seconds <= 0 ? 0 : own.joules / own.seconds;
  };
  const useful = sources.filter((one) => watts(one) > 0);
  const packages = useful.find(({ source }) => source.scope === 'package');
  const least = packages === undefined ? 0 : 0.95 * watts(packages);
  const isPlatform = ({ source: { scope } }: SourceEnergies) =>
    scope === 'platform' || scope === 'psys';
  return useful.find((one) => !isPlatform(one) || watts(one) >= least);
}

/** A source, and those of the same scope that count for the time that it lacks: an exporter's newer names. */
function withSuccessors(sources: readonly SourceEnergies[], index: number): number[] {
  const scope = powerSources[index]?.scope;
  const others = sources.filter(
    (other) => other.index !== index && other.source.scope === scope && other.nodes.size > 0,
  );
  return [index, ...others.map((other) => other.index)];
}

/** Energy of each node that had the first of these sources, or one of the others while it lacked that. */
async function energies(
  parts: readonly WindowPart[],
  indexes: readonly number[],
  find: (labels: Labels) => Node,
  onImplausible: (node: Node) => void,
): Promise<Map<Node, Energy>> {
  const pace = createPace();
  const total = new Map<Node, Energy>();
  for (const part of parts) {
    await pace();
    const figures = indexes.map(powerFigure);
    for (const { node, watts, seconds, block } of measuredIn(part, figures, find, onImplausible)) {
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
    }
    for (const { node, watts, seconds } of measuredIn(part, dramFigures, find, () => undefined)) {
      const energy = total.get(node);
      if (energy !== undefined) energy.dramJoules = (energy.dramJoules ?? 0) + watts * seconds;
    }
  }
  return total;
}

/** Mean power of a node, and the seconds that it is of. */
interface Measured {
  readonly node: Node;
  readonly watts: number;
  readonly seconds: number;
  readonly block: MergedBlock;
}

/** What a part tells of some figures, each second of a node by the first of them that knows it. */
function measuredIn(
  part: WindowPart,
  figures: readonly string[],
  find: (labels: Labels) => Node,
  onImplausible: (node: Node) => void,
): Measured[] {
  const covered = new Map<Node, readonly TimeRange[]>();
  const measured: Measured[] = [];
  for (const figure of figures)
    for (const own of byMeter(part.targets.get(figure) ?? []))
      for (const [node, block] of byNode(own, ({ metric }) => find(metric))) {
        const watts = block.values.get(figure);
        const known = covered.get(node) ?? [];
        const union = known.length === 0 ? block.runs : unionOf([...known, ...block.runs]);
        const seconds = lengthOf(union) - lengthOf(known);
        if (block.values.get(beyond(figure)) !== undefined) onImplausible(node);
        if (watts === undefined || seconds < 1e-3) continue;
        if (plausible(watts, wattBounds) === null) {
          onImplausible(node);
          continue;
        }
        covered.set(node, union);
        measured.push({ node, watts, seconds, block });
      }
  return measured;
}

async function columnsOf(
  range: RangeFigures,
  indexes: readonly number[],
  grid: Grid,
  inventory: NodeInventory,
): Promise<Map<Node, Float64Array>> {
  const columns = new Map<Node, Float64Array>();
  const pace = createPace();
  for (const rows of indexes.flatMap((index) => byMeter(range.get(powerFigure(index)) ?? []))) {
    const own = new Map<Node, Float64Array>();
    const add = (row: RangeRow) => {
      const node = inventory.find(row.metric, true);
      const column = onGrid(row, grid).map((value) => plausible(value, wattBounds) ?? NaN);
      const known = own.get(node);
      own.set(node, known === undefined ? column : column.map((v, at) => merged(known[at], v)));
    };
    await eachInTurns(rows, add, pace);
    for (const [node, column] of own) {
      const first = columns.get(node);
      columns.set(node, first === undefined ? column : filled(first, column));
    }
  }
  return columns;
}

/** Rows of one node at a point: an exporter under its old and its new address. */
function merged(a = NaN, b = NaN): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}
