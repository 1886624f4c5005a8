import type { MetricSource } from '../../../ports.js';
import { groupBy } from '../../group-by.js';
import { figuresAtTime } from '../../promql/figures-at.js';
import { queryRangeFigures } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';
import type { GrowthSemantics } from '../growth.js';
import { narrowTo } from '../narrow.js';
import type { Orphans } from '../read-orphans.js';
import type { TargetGroup } from '../target-group.js';
import { blockFigures } from './block-figures.js';
import { tablesOfBlocks, type BlockTable, type TargetPresence } from './block-tables.js';

/** Targets, and how they were there. */
export type Presences = readonly (readonly [key: string, TargetPresence])[];

/** The orphans of each block, by group. */
export type OrphansOfBlocks = ReadonlyMap<BlockTable, ReadonlyMap<string, Presences>>;

/** When orphans were there, by looks at the substitutes of their references: in a request for each length of block. */
export async function lookAtOrphans(
  source: Pick<MetricSource, 'queryRange'>,
  blocks: readonly BlockTable[],
  orphans: Orphans,
  request: {
    readonly scope: Scope;
    readonly semantics: GrowthSemantics;
    readonly signal: AbortSignal;
  },
): Promise<OrphansOfBlocks> {
  const { semantics, signal } = request;
  const groups = [...orphans.keys()].flatMap(substitutesOf);
  const named = [...orphans.values()].flatMap((own) =>
    [...own.values()].map((metric) => ({ metric })),
  );
  // Counts and looks, each with the names.
  const scope = narrowTo(request.scope, named, 4 * groups.length);
  const wanted = { counters: [], gauges: [], groups };
  const alike = groupBy(blocks, ({ range: { start, end } }) => {
    return `${end - start} ${end % (end - start)}`;
  });
  const read = [...alike.values()].map(async (some) => {
    const ends = some.map(({ range }) => range.end);
    const step = Math.max(...some.map(({ range }) => range.end - range.start));
    const points = { start: Math.min(...ends), end: Math.max(...ends), step };
    const figures = blockFigures(scope, wanted, step, semantics);
    const { figures: rows } = await queryRangeFigures(source, figures, { points, signal });
    const readings = some.map(({ range }) => {
      return { range, figures: figuresAtTime(rows, range.end) };
    });
    const tables = await tablesOfBlocks(readings, wanted);
    return some.map((block, index) => [block, presencesIn(block, tables[index])] as const);
  });
  return new Map((await Promise.all(read)).flat());
}

/** The substitutes of a group's reference, as groups. */
function substitutesOf(group: TargetGroup): TargetGroup[] {
  const { id, substitutes = [] } = group;
  return substitutes.map((one, index) => ({ ...group, ...one, id: `${id}:${index}` }));
}

/** The orphans of a block, each by the first substitute that it has. */
function presencesIn(
  { orphans }: BlockTable,
  looked: BlockTable | undefined,
): ReadonlyMap<string, Presences> {
  const groups = [...orphans].map(([group, targets]) => {
    const tables = substitutesOf(group).flatMap(({ id }) => looked?.targets.get(id) ?? []);
    const found = [...targets.keys()].flatMap((key) => {
      const [presence] = tables.flatMap((table) => table.get(key) ?? []);
      return presence === undefined ? [] : [[key, presence] as const];
    });
    return [group.id, found] as const;
  });
  return new Map(groups);
}
