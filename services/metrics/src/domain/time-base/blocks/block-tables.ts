import type { Labels } from '../../../ports.js';
import { groupBy } from '../../group-by.js';
import type { Figures } from '../../promql/figure.js';
import type { TimeRange } from '../../time/time-range.js';
import { groupsOfFigures, looksIn, presenceFigures, type TargetFigures } from './block-figures.js';
import { targetKeyOf, type TargetGroup, type TargetKey } from '../target-group.js';

/** What the store answered of one block. */
export interface BlockReading {
  readonly range: TimeRange;
  /** Made when they are needed: those of a month at once are a lot of rows. */
  readonly figures: () => Figures;
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

/** One block, by target. */
export interface BlockTable {
  readonly range: TimeRange;
  /** By group and target. */
  readonly targets: ReadonlyMap<string, ReadonlyMap<string, TargetPresence>>;
  /** By figure and target. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Sorts the rows of blocks by their targets. */
export function tablesOfBlocks(
  readings: readonly BlockReading[],
  wanted: TargetFigures,
): BlockTable[] {
  const groups = groupsOfFigures(wanted);
  // Kept over all blocks: most of them have the same series.
  const keys = new Map(groups.map((group) => [group.id, targetKeyOf(group)]));
  return readings.map((reading) => tableOfBlock(reading, wanted, groups, keys));
}

function tableOfBlock(
  reading: BlockReading,
  wanted: TargetFigures,
  groups: readonly TargetGroup[],
  keys: ReadonlyMap<string, TargetKey>,
): BlockTable {
  const { range } = reading;
  const figures = reading.figures();
  const byTarget = (figure: string, id: string) => {
    const keyOf = keys.get(id) ?? (() => '');
    return new Map(figures.get(figure)?.map((row) => [keyOf(row.metric), row]));
  };
  const values = new Map<string, ReadonlyMap<string, number>>();
  for (const { figure, group } of [...wanted.counters, ...wanted.gauges]) {
    const rows = byTarget(figure, group.id);
    values.set(figure, new Map([...rows].map(([key, { value }]) => [key, value])));
  }
  const looks = looksIn(range);
  const targets = groups.map(({ id }) => {
    const names = presenceFigures(id);
    const [seen, first, last] = [names.seen, names.first, names.last].map((name) =>
      byTarget(name, id),
    );
    const own = [...byTarget(names.count, id)].map(([key, { metric, value: count }]) => {
      const presence: TargetPresence = {
        metric,
        count,
        seen: (seen?.get(key)?.value ?? 0) / Math.max(1, looks),
        first: first?.get(key)?.value,
        last: last?.get(key)?.value,
      };
      return [key, presence] as const;
    });
    return [id, new Map(own)] as const;
  });
  return { range, targets: new Map(targets), values };
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
export function oddTargets(blocks: readonly BlockTable[]): OddTarget[] {
  const startingAt = groupBy(blocks, ({ range }) => range.start);
  const endingAt = groupBy(blocks, ({ range }) => range.end);
  const isWhole = ({ targets }: BlockTable, { id, key }: TargetId) =>
    (targets.get(id)?.get(key)?.seen ?? 0) >= 1;
  const found = new Map<
    string,
    { target: TargetId; metric: Labels; count: number; own: BlockTable[]; odd: BlockTable[] }
  >();
  for (const block of blocks) {
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
