import type { MetricSource } from '../../../ports.js';
import { byteBounds, isBeyond, percentBounds, percentOf } from '../../bounds.js';
import type { NodeMetric } from '../../metrics/types.js';
import { figuresOfInstant, mergedFigures } from '../../promql/figures-at.js';
import { runQueries, type Query } from '../../promql/queries.js';
import { aggregationWithin } from '../../targets/range-aggregation.js';
import { narrowTo } from '../../time-base/narrow.js';
import type { Block } from './blocks.js';
import type { ReadRequest } from './request.js';

/** Most blocks that are read once more, the latest. */
const mostBlocks = 12;

/**
 * One sample that cannot be makes a sum of a block that cannot be: such blocks are read once more, of those instances
 * and without those samples. None is, where all can be.
 */
export async function withSaneGauges(
  source: MetricSource,
  request: ReadRequest & { blocks: readonly Block[] },
): Promise<{ blocks: Block[]; implausible: Wrong[] }> {
  const metrics = request.selection.nodeMetrics;
  const found = request.blocks.map((block) =>
    metrics.flatMap((metric) => {
      const wrong = { metric, ...implausibleIn(block, metric) };
      return wrong.instances.size === 0 ? [] : [wrong];
    }),
  );
  const latest = found.flatMap((wrong, at) => (wrong.length > 0 ? [at] : [])).slice(-mostBlocks);
  const blocks = await Promise.all(
    request.blocks.map(async (block, at) =>
      latest.includes(at) ? reread(source, request, block, found[at] ?? []) : block,
    ),
  );
  const ofWindow = found.filter((_, at) => request.blocks[at]?.belongsTo === 'window');
  return { blocks, implausible: ofWindow.flat() };
}

/** Instances of which a metric has values that cannot be, or none of what is free beside a size. */
export interface Wrong {
  readonly metric: NodeMetric;
  readonly instances: ReadonlySet<string>;
  /** Those of them that have values. */
  readonly told: ReadonlySet<string>;
}

/** Instances of which a block has a size, and nothing free or what cannot be. */
function implausibleIn({ figures }: Block, { name }: NodeMetric): Omit<Wrong, 'metric'> {
  const free = new Map<string, number>();
  figures.each(`${name}:free`, ({ instance = '' }, value) => free.set(instance, value));
  const [instances, told] = [new Set<string>(), new Set<string>()];
  figures.each(`${name}:total`, ({ instance = '' }, total) => {
    const own = free.get(instance);
    const used = own === undefined ? NaN : percentOf(total - own, total);
    if (!isBeyond(used, percentBounds)) return;
    instances.add(instance);
    if (own !== undefined) told.add(instance);
  });
  return { instances, told };
}

async function reread(
  source: MetricSource,
  { probe, signal }: ReadRequest,
  block: Block,
  wrong: readonly Wrong[],
): Promise<Block> {
  const { start, end } = block.range;
  const aggregation = aggregationWithin(end - start, byteBounds);
  const queries = wrong.flatMap(({ metric, instances }): Query[] => {
    const named = [...instances].map((instance) => ({ metric: { instance } }));
    const scope = narrowTo(probe.scope, named, 30);
    if (scope === probe.scope) return [];
    const figures = metric.quantities.flatMap((quantity) => quantity.mean(scope, aggregation));
    return [{ group: 'gauges', figures, at: end }];
  });
  const { instant } = await runQueries(source, queries, signal);
  const isOther = ({ instance = '' }: { instance?: string }, figure: string) =>
    !wrong.some(
      ({ metric, instances }) => figure.startsWith(`${metric.name}:`) && instances.has(instance),
    );
  return { ...block, figures: mergedFigures(block.figures, figuresOfInstant(instant), isOther) };
}
