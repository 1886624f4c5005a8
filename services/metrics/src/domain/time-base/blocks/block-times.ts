import type { MetricSource } from '../../../ports.js';
import { createPace } from '../../turns/pace.js';
import type { Scope } from '../../promql/scope.js';
import type { TimeRange } from '../../time/time-range.js';
import { oddTargets, type BlockTable } from './block-tables.js';
import { narrowTo } from '../narrow.js';
import { readSampleTimes, type SampledTargets } from '../read-samples.js';
import type { TargetGroup } from '../target-group.js';

/** Most samples that are read one by one for an answer: 4.5 MB. */
const maxSamples = 150_000;

/** The samples of targets in a span that was read one by one. */
export interface BlockTimes {
  readonly span: TimeRange;
  readonly targets: SampledTargets;
}

/**
 * Reads the sample times that matter, in one request: of all targets where that is little, else of those that
 * were not there all along, the shortest lives first.
 */
export async function readBlockTimes(
  source: Pick<MetricSource, 'samples'>,
  request: {
    readonly scope: Scope;
    readonly groups: readonly TargetGroup[];
    readonly blocks: readonly BlockTable[];
    readonly signal: AbortSignal;
  },
): Promise<BlockTimes | null> {
  const { scope, blocks, signal } = request;
  const { leaders, groups } = leadersOf(
    request.groups.filter(({ many }) => many !== true),
    blocks,
  );
  const ids = new Set(groups.map(({ id }) => id));
  const all = await countsOf(blocks, ids, spanOf(blocks));
  const isLittle = sumOf(all.values()) <= maxSamples;
  const odd = (await oddTargets(blocks)).filter(({ id }) => ids.has(id));
  if (groups.length === 0 || blocks.length === 0 || (!isLittle && odd.length === 0)) return null;
  const span = isLittle ? spanOf(blocks) : spanOf(odd.flatMap((target) => target.blocks));
  const counts = isLittle ? all : await countsOf(blocks, ids, span);
  const countOf = ({ id, key }: { id: string; key: string }) => counts.get(`${id} ${key}`) ?? 0;
  let left = maxSamples;
  const named = [...odd]
    .sort((a, b) => countOf(a) - countOf(b))
    .filter((target) => (left -= countOf(target)) >= 0);
  if (!isLittle && named.length === 0) return null;
  const narrowed = isLittle ? scope : narrowTo(scope, named, 1);
  // One that cannot be narrowed would read the samples of all.
  if (!isLittle && narrowed === scope) return null;
  const seconds = span.end - span.start + 600;
  const { targets } = await readSampleTimes(source, {
    scope: narrowed,
    groups,
    seconds,
    at: span.end,
    signal,
  });
  const shared = [...leaders].map(
    ([id, leader]) => [id, targets.get(leader) ?? new Map()] as const,
  );
  return { span, targets: new Map([...targets, ...shared]) };
}

/** The groups to read, and whose times those of others are: all of a family's targets are sampled alike. */
function leadersOf(
  groups: readonly TargetGroup[],
  blocks: readonly BlockTable[],
): { groups: readonly TargetGroup[]; leaders: ReadonlyMap<string, string> } {
  const leaders = new Map<string, string>();
  const read: TargetGroup[] = [];
  for (const group of groups) {
    const isLike = (other: TargetGroup) =>
      other.family === group.family && blocks.every((block) => isSampledAlike(block, group, other));
    const leader = group.family === undefined ? undefined : read.find(isLike);
    if (leader === undefined) read.push(group);
    else leaders.set(group.id, leader.id);
  }
  return { groups: read, leaders };
}

function isSampledAlike({ targets }: BlockTable, one: TargetGroup, other: TargetGroup): boolean {
  const others = targets.get(other.id);
  return [...(targets.get(one.id) ?? [])].every(
    ([key, { count, seen }]) => others?.get(key)?.count === count && others.get(key)?.seen === seen,
  );
}

/** Samples of each target in the blocks of a span; of blocks that overlap, those of both. */
async function countsOf(
  blocks: readonly BlockTable[],
  ids: ReadonlySet<string>,
  span: TimeRange,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const pace = createPace();
  for (const { range, targets } of blocks) {
    await pace();
    if (range.start < span.start || range.end > span.end) continue;
    for (const id of ids)
      for (const [key, { count }] of targets.get(id) ?? []) {
        const name = `${id} ${key}`;
        counts.set(name, (counts.get(name) ?? 0) + count);
      }
  }
  return counts;
}

function spanOf(blocks: readonly BlockTable[]): TimeRange {
  let [start, end] = [Infinity, -Infinity];
  for (const { range } of blocks) {
    start = Math.min(start, range.start);
    end = Math.max(end, range.end);
  }
  return { start, end };
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
