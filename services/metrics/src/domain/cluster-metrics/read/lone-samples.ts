import { groupBy } from '../../group-by.js';
import type { CounterFigure } from '../../time-base/counter-figure.js';
import type { TargetBlock } from '../../time-base/blocks/target-block.js';
import { targetKeyOf, type TargetKey } from '../../time-base/target-group.js';
import type { Block } from './blocks.js';

/**
 * Blocks in which counters of targets with a single sample have the growth of the block beside them: one sample tells
 * none, but it is half of a pair that reaches over the edge. Of edges on both sides it is the mean.
 */
export function withLoneSamples(
  blocks: readonly Block[],
  counters: readonly CounterFigure[],
): Block[] {
  const own = blocks.filter(({ belongsTo }) => belongsTo !== 'series');
  const endingAt = new Map(own.map((block) => [block.range.end, block]));
  const startingAt = new Map(own.map((block) => [block.range.start, block]));
  const countersOf = groupBy(counters, ({ group }) => group.id);
  return blocks.map((block) => {
    if (block.belongsTo === 'series') return block;
    const { start, end } = block.range;
    const targets = [...block.targets].map(([id, all]) => {
      const figures = countersOf.get(id) ?? [];
      const [first] = figures;
      if (first === undefined || !all.some(isLone)) return [id, all] as const;
      const keyOf = targetKeyOf(first.group);
      const before = byKey(endingAt.get(start)?.targets.get(id), keyOf);
      const after = byKey(startingAt.get(end)?.targets.get(id), keyOf);
      const filled = all.map((target) => {
        if (!isLone(target)) return target;
        const key = keyOf(target.metric);
        const beside = [
          ...(target.runs[0]?.start === start ? [before.get(key)] : []),
          ...(target.runs.at(-1)?.end === end ? [after.get(key)] : []),
        ].filter((one) => one !== undefined);
        return withGrowthOf(target, beside, figures);
      });
      return [id, filled] as const;
    });
    return { ...block, targets: new Map(targets) };
  });
}

const isLone = ({ count, runs }: TargetBlock) => count === 1 && runs.length > 0;

function byKey(
  targets: readonly TargetBlock[] | undefined,
  keyOf: TargetKey,
): ReadonlyMap<string, TargetBlock> {
  return new Map((targets ?? []).map((target) => [keyOf(target.metric), target]));
}

function withGrowthOf(
  target: TargetBlock,
  beside: readonly TargetBlock[],
  figures: readonly CounterFigure[],
): TargetBlock {
  const values = new Map(target.values);
  for (const { figure } of figures) {
    const known = beside.flatMap((one) => one.values.get(figure) ?? []);
    if (!values.has(figure) && known.length > 0)
      values.set(figure, known.reduce((sum, value) => sum + value, 0) / known.length);
  }
  return { ...target, values };
}
