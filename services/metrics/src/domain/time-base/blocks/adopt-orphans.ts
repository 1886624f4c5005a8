import type { Labels, MetricSource } from '../../../ports.js';
import type { Scope } from '../../promql/scope.js';
import { readOrphans } from '../read-orphans.js';
import type { SampledTarget, SampledTargets } from '../read-samples.js';
import type { TargetGroup } from '../target-group.js';
import type { BlockTable, PresenceTable, TargetPresence } from './block-tables.js';

/** Longest time over which the samples of orphans are read (seconds): beyond, they have no means. */
const longestSpan = 54 * 3600;

/** The blocks with their orphans as targets, and when those were sampled. */
export async function adoptOrphans(
  source: Pick<MetricSource, 'samples'>,
  blocks: readonly BlockTable[],
  { scope, signal }: { scope: Scope; signal: AbortSignal },
): Promise<{ blocks: readonly BlockTable[]; orphans: SampledTargets }> {
  const all = new Map<TargetGroup, Map<string, Labels>>();
  for (const block of blocks)
    for (const [group, own] of block.orphans)
      all.set(group, new Map([...(all.get(group) ?? []), ...own]));
  if (all.size === 0) return { blocks, orphans: new Map() };
  const having = blocks.filter(({ orphans }) => orphans.size > 0).map(({ range }) => range);
  const end = Math.max(...having.map((range) => range.end));
  const start = Math.max(end - longestSpan, Math.min(...having.map((range) => range.start)));
  const seconds = end - start + 600;
  const orphans = await readOrphans(source, all, { scope, seconds, at: end, signal });
  const adopted = blocks.map((block): BlockTable => {
    if (block.orphans.size === 0 || block.range.start < start) return block;
    const targets = [...block.targets].map(
      ([id, own]) => [id, withTargets(own, orphans.get(id), block)] as const,
    );
    return { ...block, targets: new Map(targets) };
  });
  return { blocks: adopted, orphans };
}

function withTargets(
  own: PresenceTable,
  orphans: ReadonlyMap<string, SampledTarget> | undefined,
  { range }: BlockTable,
): PresenceTable {
  const found = [...(orphans ?? [])].flatMap(([key, { metric, times }]) => {
    const { count } = times.within(range);
    if (count === 0 || own.get(key) !== undefined) return [];
    const presence = { metric, count, seen: 0, first: undefined, last: undefined };
    return [[key, presence satisfies TargetPresence] as const];
  });
  return found.length === 0 ? own : new Map<string, TargetPresence>([...own, ...found]);
}
