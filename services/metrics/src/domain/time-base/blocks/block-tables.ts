import type { Labels } from '../../../ports.js';
import { groupBy } from '../../group-by.js';
import { createPace, mapInTurns, type Pace } from '../../turns/pace.js';
import type { FiguresAt } from '../../promql/figures-at.js';
import type { TimeRange } from '../../time/time-range.js';
import { groupsOfFigures, looksIn, presenceFigures, type TargetFigures } from './block-figures.js';
import { targetKeyOf, type TargetGroup, type TargetKey } from '../target-group.js';

/** What the store answered of one block. */
export interface BlockReading {
  readonly range: TimeRange;
  readonly figures: FiguresAt;
}

/** How often a target was sampled in a block. */
export interface TargetPresence {
  readonly metric: Labels;
  readonly count: number;
  /** Share of the looks that showed it: 1 where no gap longer than 5 minutes is possible. */
  readonly seen: number;
  /** Times of its first and last sample, where the store tells them. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** The targets of a group that were sampled in a block. */
export interface PresenceTable extends Iterable<readonly [key: string, TargetPresence]> {
  get(key: string): TargetPresence | undefined;
}

/** One block, by target. */
export interface BlockTable {
  readonly range: TimeRange;
  /** By group. */
  readonly targets: ReadonlyMap<string, PresenceTable>;
  /** Targets of groups that have values and no presence, for want of the group's reference: their labels. */
  readonly orphans: ReadonlyMap<TargetGroup, ReadonlyMap<string, Labels>>;
  /** By figure. */
  readonly values: ReadonlyMap<string, { get(key: string): number | undefined }>;
}

/** Sorts the rows of blocks by their targets. */
export async function tablesOfBlocks(
  readings: readonly BlockReading[],
  wanted: TargetFigures,
): Promise<BlockTable[]> {
  const groups = groupsOfFigures(wanted);
  const places = new Map(groups.map((group) => [group.id, new Places(targetKeyOf(group))]));
  const pace = createPace();
  const tables: BlockTable[] = [];
  for (const reading of readings)
    tables.push(await tableOfBlock(reading, wanted, { groups, places, pace }));
  return tables;
}

/**
 * The places of a group's targets in columns of numbers, the same in all blocks: most of them have the same
 * targets, and of a thousand nodes in a month a map by target and block would be hundreds of megabytes.
 */
class Places {
  readonly byKey = new Map<string, number>();
  readonly metrics: Labels[] = [];
  readonly #keyOf: TargetKey;

  constructor(keyOf: TargetKey) {
    this.#keyOf = keyOf;
  }

  /** A number for each target, NaN where it has none. */
  columnOf(figures: FiguresAt, figure: string): Float64Array {
    const places: number[] = [];
    const values: number[] = [];
    figures.each(figure, (metric, value) => {
      places.push(this.#placeOf(metric));
      values.push(value);
    });
    const column = new Float64Array(this.byKey.size).fill(NaN);
    places.forEach((place, index) => (column[place] = values[index] ?? NaN));
    return column;
  }

  #placeOf(metric: Labels): number {
    const key = this.#keyOf(metric);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    this.metrics.push(metric);
    this.byKey.set(key, this.metrics.length - 1);
    return this.metrics.length - 1;
  }
}

function numberAt(column: Float64Array, place: number | undefined): number | undefined {
  const value = place === undefined ? undefined : column[place];
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

interface OfTables {
  readonly groups: readonly TargetGroup[];
  /** By group. */
  readonly places: ReadonlyMap<string, Places>;
  readonly pace: Pace;
}

async function tableOfBlock(
  { range, figures }: BlockReading,
  wanted: TargetFigures,
  { groups, places: placesOf, pace }: OfTables,
): Promise<BlockTable> {
  const none = new Places(() => '');
  const targetsOf = ({ id }: TargetGroup) => {
    const places = placesOf.get(id) ?? none;
    return [id, presencesOf(figures, id, places, Math.max(1, looksIn(range)))] as const;
  };
  const targets = await mapInTurns(groups, targetsOf, pace);
  const valuesOf = ({ figure, group }: TargetFigures['counters' | 'gauges'][number]) => {
    const places = placesOf.get(group.id) ?? none;
    const column = places.columnOf(figures, figure);
    return [figure, { get: (key: string) => numberAt(column, places.byKey.get(key)) }] as const;
  };
  const values = await mapInTurns([...wanted.counters, ...wanted.gauges], valuesOf, pace);
  const tables = { range, targets: new Map(targets), values: new Map(values) };
  return { ...tables, orphans: orphansOf(tables, wanted, placesOf) };
}

function orphansOf(
  { targets, values }: Omit<BlockTable, 'orphans'>,
  { counters }: TargetFigures,
  placesOf: ReadonlyMap<string, Places>,
): BlockTable['orphans'] {
  const orphans = new Map<TargetGroup, Map<string, Labels>>();
  const groups = new Map(counters.map(({ group }) => [group.id, group]));
  for (const [id, group] of groups) {
    if (group.substitutes === undefined) continue;
    const figures = counters.filter((one) => one.group.id === id).map(({ figure }) => figure);
    for (const [key, place] of placesOf.get(id)?.byKey ?? []) {
      if (targets.get(id)?.get(key) !== undefined) continue;
      if (figures.every((figure) => values.get(figure)?.get(key) === undefined)) continue;
      const own = orphans.get(group) ?? new Map<string, Labels>();
      orphans.set(group, own.set(key, placesOf.get(id)?.metrics[place] ?? {}));
    }
  }
  return orphans;
}

function presencesOf(figures: FiguresAt, id: string, places: Places, looks: number): PresenceTable {
  const names = presenceFigures(id);
  const counts = places.columnOf(figures, names.count);
  const [seen, first, last] = [names.seen, names.first, names.last].map((name) =>
    places.columnOf(figures, name),
  ) as [Float64Array, Float64Array, Float64Array];
  const at = (place: number): TargetPresence | undefined => {
    const count = numberAt(counts, place);
    if (count === undefined) return undefined;
    return {
      metric: places.metrics[place] ?? {},
      count,
      seen: (numberAt(seen, place) ?? 0) / looks,
      first: numberAt(first, place),
      last: numberAt(last, place),
    };
  };
  return {
    get(key) {
      const place = places.byKey.get(key);
      return place === undefined ? undefined : at(place);
    },
    *[Symbol.iterator]() {
      for (const [key, place] of places.byKey) {
        const presence = at(place);
        if (presence !== undefined) yield [key, presence] as const;
      }
    },
  };
}

/** A target of a group. */
export interface TargetId {
  readonly id: string;
  readonly key: string;
}

/** A target that was not there all along, or that has so few samples that each counts. */
export interface OddTarget extends TargetId {
  readonly metric: Labels;
  readonly blocks: readonly BlockTable[];
}

/** Fewest samples of a target in all blocks with which what a store does at the ends of a block is nothing. */
const fewSamples = 400;

/** The targets of which the store's growth is not near enough, with the blocks concerned. */
export async function oddTargets(blocks: readonly BlockTable[]): Promise<OddTarget[]> {
  const startingAt = groupBy(blocks, ({ range }) => range.start);
  const endingAt = groupBy(blocks, ({ range }) => range.end);
  const isWhole = ({ targets }: BlockTable, { id, key }: TargetId) =>
    (targets.get(id)?.get(key)?.seen ?? 0) >= 1;
  const found = new Map<
    string,
    { target: TargetId; metric: Labels; count: number; own: BlockTable[]; odd: BlockTable[] }
  >();
  const pace = createPace();
  for (const block of blocks) {
    await pace();
    const beside = [
      ...(endingAt.get(block.range.start) ?? []),
      ...(startingAt.get(block.range.end) ?? []),
    ];
    for (const [id, targets] of block.targets) {
      for (const [key, { metric, count }] of targets) {
        const target = { id, key };
        const name = `${id} ${key}`;
        const one = found.get(name) ?? { target, metric, count: 0, own: [], odd: [] };
        found.set(name, one);
        one.count += count;
        one.own.push(block);
        // Who came or went near the end of a block is whole in it, but not beyond.
        if (![block, ...beside].every((other) => isWhole(other, target))) one.odd.push(block);
      }
    }
  }
  return [...found.values()].flatMap(({ target, metric, count, own, odd }) => {
    const concerned = count <= fewSamples ? own : odd;
    return concerned.length === 0 ? [] : [{ ...target, metric, blocks: concerned }];
  });
}
