import type { MetricSource, Row } from '../../../ports.js';
import { wattBounds } from '../../bounds.js';
import { groupBy } from '../../group-by.js';
import { lowerMedian } from '../../median.js';
import { gpuBounds } from '../../metrics/gpu.js';
import { runQueries } from '../../promql/queries.js';
import { beyond } from '../../time-base/blocks/block-figures.js';
import type { TargetBlock } from '../../time-base/blocks/target-block.js';
import type { CounterFigure } from '../../time-base/counter-figure.js';
import { rangeOf } from '../../time-base/growth.js';
import { narrowTo } from '../../time-base/narrow.js';
import { rateWindowFor } from '../../time-base/rate-window.js';
import { targetKeyOf } from '../../time-base/target-group.js';
import { targetFigures } from '../plan/targets.js';
import type { Block } from './blocks.js';
import type { ReadRequest } from './request.js';

/** Most blocks that are read once more, the latest. */
const mostBlocks = 12;

/** Watts that are never far from what is usual. */
const always = 1000;

/** Counters of joules, and the most watts that one of them can tell. */
const limits = [
  { figures: /^(power|dram):/, max: wattBounds.max },
  { figures: /^gpu:.*:energy:/, max: gpuBounds.watts.max },
];

/** Targets whose counter tells far more of a block than of others. */
interface Suspects {
  readonly counter: CounterFigure;
  /** Most watts that can be: of a counter, and of some minutes of these targets. */
  readonly max: number;
  readonly maxOfMinutes: number;
  readonly targets: readonly TargetBlock[];
}

/** No machine takes so much more than it usually does; nothing is known of one that takes next to nothing. */
const mostOf = (usual: number, max: number) => (usual < 1 ? max : Math.min(max, 20 * usual + 2000));

/**
 * A counter of joules that jumps makes a block of hours one of much power. Blocks of five times what is usual of the
 * target, and 1 kW above, are read once more: by the rates of some minutes, without those that cannot be. None is where
 * all are alike.
 */
export async function withSaneEnergy(
  source: MetricSource,
  request: ReadRequest & { readonly blocks: readonly Block[] },
): Promise<Block[]> {
  const { blocks, probe, selection } = request;
  const found = blocks.map((): Suspects[] => []);
  for (const counter of targetFigures(probe, selection)(probe.scope).counters) {
    const max = limits.find(({ figures }) => figures.test(counter.figure))?.max;
    if (max === undefined) continue;
    const keyOf = targetKeyOf(counter.group);
    const wattsOf = ({ values }: TargetBlock) => values.get(counter.figure) ?? 0;
    const targetsOf = (block: Block) => block.targets.get(counter.group.id) ?? [];
    // Of most fleets nothing is: they are not grouped.
    if (!blocks.some((block) => targetsOf(block).some((target) => wattsOf(target) > always)))
      continue;
    const usual = new Map(
      [...groupBy(blocks.flatMap(targetsOf), ({ metric }) => keyOf(metric))].map(([key, own]) => {
        return [key, lowerMedian(own.map(wattsOf)) ?? max];
      }),
    );
    const usualOf = ({ metric }: TargetBlock) => usual.get(keyOf(metric)) ?? max;
    blocks.forEach((block, at) => {
      const targets = targetsOf(block).filter(
        (target) => wattsOf(target) > Math.min(max, 5 * usualOf(target) + always),
      );
      const maxOfMinutes = Math.max(...targets.map((target) => mostOf(usualOf(target), max)));
      if (targets.length > 0) found[at]?.push({ counter, max, maxOfMinutes, targets });
    });
  }
  const latest = found.flatMap((own, at) => (own.length > 0 ? [at] : [])).slice(-mostBlocks);
  return Promise.all(
    blocks.map(async (block, at) =>
      latest.includes(at) ? reread(source, request, block, found[at] ?? []) : block,
    ),
  );
}

async function reread(
  source: MetricSource,
  { probe, selection, signal }: ReadRequest,
  block: Block,
  suspects: readonly Suspects[],
): Promise<Block> {
  const { start, end } = block.range;
  const figures = suspects.flatMap(({ counter: { figure }, maxOfMinutes, targets }) => {
    const window = rateWindowFor(Math.max(...targets.map(({ interval }) => interval)));
    const scope = narrowTo(probe.scope, targets, 2 * suspects.length);
    const own = targetFigures(probe, selection)(scope).counters;
    return own
      .filter((counter) => counter.figure === figure)
      .map(({ expr }) => {
        const sane = `${expr((selected) => `rate(${selected}${rangeOf(window)})`)} <= ${maxOfMinutes}`;
        return { figure, expr: `avg_over_time((${sane})[${Math.round(end - start)}s:${window}s])` };
      });
  });
  const { instant, failures } = await runQueries(
    source,
    [{ group: 'power and gpu', figures, at: end }],
    signal,
  );
  if (failures.length > 0) return block;
  const targets = new Map(block.targets);
  for (const one of suspects) {
    const { figure, group } = one.counter;
    const correct = correction(one, instant.get(figure) ?? []);
    const all = targets.get(group.id) ?? [];
    const suspected = new Set(one.targets);
    targets.set(
      group.id,
      all.map((target) => (suspected.has(target) ? correct(target) : target)),
    );
  }
  return { ...block, targets };
}

/** A target by its rates, marked as beyond what can be, where those are far below what its counter tells. */
function correction(
  { counter: { figure, group }, max }: Suspects,
  rates: readonly Row[],
): (target: TargetBlock) => TargetBlock {
  const keyOf = targetKeyOf(group);
  const sane = new Map(rates.map(({ metric, value }) => [keyOf(metric), value]));
  return (target) => {
    const watts = sane.get(keyOf(target.metric));
    const told = target.values.get(figure) ?? 0;
    if (told <= max && watts !== undefined && watts > told / 2) return target;
    const values = new Map(target.values).set(beyond(figure), told);
    if (watts === undefined) values.delete(figure);
    else values.set(figure, watts);
    return { ...target, values };
  };
}
