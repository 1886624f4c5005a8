import type { Labels, MetricSource } from '../../../ports.js';
import type { Scope } from '../../promql/scope.js';
import type { GrowthSemantics } from '../growth.js';
import { readOrphans } from '../read-orphans.js';
import type { SampledTarget, SampledTargets } from '../read-samples.js';
import type { TargetGroup } from '../target-group.js';
import type { BlockTable, PresenceTable, TargetPresence } from './block-tables.js';
import { lookAtOrphans, type Presences } from './look-at-orphans.js';

/** Longest time over which the samples of orphans are read (seconds): in blocks before it they are only looked at. */
const longestSpan = 54 * 3600;

/** The blocks with their orphans as targets, and when those were sampled in the blocks from `start` (Unix seconds) on. */
export interface AdoptedOrphans {
  readonly blocks: readonly BlockTable[];
  readonly orphans: SampledTargets;
  readonly start: number;
}

interface AdoptRequest {
  readonly scope: Scope;
  readonly semantics: GrowthSemantics;
  readonly signal: AbortSignal;
}

/** Finds when orphans were there: in a request for each substitute, and one for each length of older blocks. */
export async function adoptOrphans(
  source: Pick<MetricSource, 'samples' | 'queryRange'>,
  blocks: readonly BlockTable[],
  request: AdoptRequest,
): Promise<AdoptedOrphans> {
  const all = new Map<TargetGroup, Map<string, Labels>>();
  for (const block of blocks)
    for (const [group, own] of block.orphans)
      all.set(group, new Map([...(all.get(group) ?? []), ...own]));
  if (all.size === 0) return { blocks, orphans: new Map(), start: -Infinity };
  const having = blocks.filter(({ orphans }) => orphans.size > 0);
  const end = Math.max(...having.map(({ range }) => range.end));
  const earliest = Math.min(...having.map(({ range }) => range.start));
  const start = Math.max(end - longestSpan, earliest);
  const older = having.filter(({ range }) => range.start < start);
  const seconds = end - start + 600;
  const [orphans, looked] = await Promise.all([
    readOrphans(source, all, { ...request, seconds, at: end }),
    lookAtOrphans(source, older, all, request),
  ]);
  const adopted = blocks.map((block): BlockTable => {
    if (block.orphans.size === 0) return block;
    const targets = [...block.targets].map(([id, own]) => {
      const found = looked.get(block)?.get(id) ?? presencesIn(block, orphans.get(id));
      return [id, withTargets(own, found)] as const;
    });
    return { ...block, targets: new Map(targets) };
  });
  return { blocks: adopted, orphans, start };
}

/** The targets whose samples are known in a block. */
function presencesIn(
  { range }: BlockTable,
  orphans: ReadonlyMap<string, SampledTarget> = new Map<string, SampledTarget>(),
): Presences {
  return [...orphans].flatMap(([key, { metric, times }]) => {
    const { count } = times.within(range);
    if (count === 0) return [];
    return [[key, { metric, count, seen: 0, first: undefined, last: undefined }] as const];
  });
}

function withTargets(own: PresenceTable, found: Presences): PresenceTable {
  const others = found.filter(([key]) => own.get(key) === undefined);
  return others.length === 0 ? own : new Map<string, TargetPresence>([...own, ...others]);
}
