import type { MetricSource } from '../../../ports.js';
import { groupBy } from '../../group-by.js';
import { figuresAtTime } from '../../promql/figures-at.js';
import { runQueries, type QueryResults } from '../../promql/queries.js';
import { beyond, type GaugeFigure } from '../../time-base/blocks/block-figures.js';
import type { TargetBlock } from '../../time-base/blocks/target-block.js';
import { narrowTo } from '../../time-base/narrow.js';
import { targetKeyOf } from '../../time-base/target-group.js';
import { targetFigures } from '../plan/targets.js';
import type { Block } from './blocks.js';
import type { ReadRequest } from './request.js';

/** A figure of gauges that can be read without what cannot be. */
type SaneFigure = GaugeFigure & Required<Pick<GaugeFigure, 'sane'>>;

/** Blocks that one range query reads. */
interface Alike {
  readonly blocks: readonly Block[];
  /** Seconds of each. */
  readonly unit: number;
}

/**
 * Means of watts and utilization that hold samples which cannot be are read once more, of those targets and without
 * those samples. None is, where all can be: of thousands of devices it would be most of the work.
 */
export async function withSaneMeans(
  source: MetricSource,
  request: ReadRequest & { readonly blocks: readonly Block[] },
): Promise<{ readonly blocks: Block[]; readonly failed: QueryResults[] }> {
  const { blocks, probe, selection } = request;
  const figures = targetFigures(probe, selection)(probe.scope).gauges.filter(canBeSane);
  const concerned = blocks.filter((block) =>
    figures.some((figure) => suspectsOf(block, figure).length > 0),
  );
  const alike = groupBy(concerned, ({ range: { start, end } }) => {
    return `${end - start} ${end % (end - start)}`;
  });
  const read = await Promise.all(
    [...alike.values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const unit = first.range.end - first.range.start;
      return reread(source, request, { blocks: own, unit }, figures);
    }),
  );
  const sane = new Map(read.flatMap((one) => [...one.blocks]));
  return {
    blocks: blocks.map((block) => sane.get(block) ?? block),
    failed: read.map(({ results }) => results),
  };
}

const canBeSane = (figure: GaugeFigure): figure is SaneFigure => figure.sane !== undefined;

/** The targets of a block with samples of a figure that cannot be. */
function suspectsOf({ targets }: Block, figure: SaneFigure): TargetBlock[] {
  return (targets.get(figure.group.id) ?? []).filter((target) => isSuspect(target, figure));
}

/** Blanks below zero are so far below that the mean is, too. */
const isSuspect = ({ values }: TargetBlock, { figure }: SaneFigure) =>
  values.get(beyond(figure)) !== undefined || (values.get(figure) ?? 0) < 0;

async function reread(
  source: MetricSource,
  { probe, selection, signal }: ReadRequest,
  { blocks, unit }: Alike,
  figures: readonly SaneFigure[],
): Promise<{ readonly blocks: Map<Block, Block>; readonly results: QueryResults }> {
  const suspects = blocks.flatMap((block) => figures.flatMap((one) => suspectsOf(block, one)));
  const scope = narrowTo(probe.scope, suspects, 2 * figures.length);
  const names = new Set(figures.map(({ figure }) => figure));
  const sane = targetFigures(
    probe,
    selection,
  )(scope)
    .gauges.filter(canBeSane)
    .filter(({ figure }) => names.has(figure))
    .map((one) => ({ figure: one.figure, expr: one.sane(unit) }));
  const ends = blocks.map(({ range }) => range.end);
  const at = { start: Math.min(...ends), end: Math.max(...ends), step: unit };
  const results = await runQueries(source, [{ group: 'power and gpu', figures: sane, at }], signal);
  const saneBlocks = new Map(
    blocks.map((block) => {
      const read = figuresAtTime(results.range, block.range.end);
      const targets = new Map(block.targets);
      for (const one of figures) {
        if (suspectsOf(block, one).length === 0) continue;
        const keyOf = targetKeyOf(one.group);
        const means = new Map<string, number>();
        read.each(one.figure, (metric, value) => means.set(keyOf(metric), value));
        const all = targets.get(one.group.id) ?? [];
        targets.set(
          one.group.id,
          all.map((target) =>
            isSuspect(target, one)
              ? withMean(target, one.figure, means.get(keyOf(target.metric)))
              : target,
          ),
        );
      }
      return [block, { ...block, targets }];
    }),
  );
  return { blocks: saneBlocks, results };
}

/** A target with another mean, or with none where nothing that can be is left. */
function withMean(target: TargetBlock, figure: string, mean: number | undefined): TargetBlock {
  const values = new Map([[beyond(figure), NaN], ...target.values]);
  if (mean === undefined) values.delete(figure);
  else values.set(figure, mean);
  return { ...target, values };
}
