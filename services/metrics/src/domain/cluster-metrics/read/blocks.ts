import type { MetricSource } from '../../../ports.js';
import { figuresAtTime, figuresOfInstant, type FiguresAt } from '../../promql/figures-at.js';
import type { QueryResults } from '../../promql/queries.js';
import type { BlockTimes } from '../../time-base/blocks/block-times.js';
import { resolveBlocks, type ResolvedBlock } from '../../time-base/blocks/resolve-blocks.js';
import type { SampledTargets } from '../../time-base/read-samples.js';
import type { TimeRange } from '../../time/time-range.js';
import type { Window } from '../../time/window.js';
import type { MeanPart } from '../plan/means.js';
import { targetFigures } from '../plan/targets.js';
import type { ReadRequest } from './request.js';

export interface PartResults {
  readonly part: MeanPart;
  readonly results: QueryResults;
}

/** One block of time, and what was read of it. */
export interface Block {
  readonly range: TimeRange;
  readonly belongsTo: 'window' | 'previous' | 'series';
  /** Gauges by instance. */
  readonly figures: FiguresAt;
  /** What is known by target. */
  readonly targets: ResolvedBlock;
  /** Addresses that changed hands in it: what it says of them is of who holds them now. */
  readonly renewed?: ReadonlySet<string>;
}

/** The blocks of parts, each target's growth between its own samples. */
export async function readBlocks(
  source: MetricSource,
  request: ReadRequest & { parts: readonly PartResults[]; newest: SampledTargets },
): Promise<{ blocks: Block[]; times: BlockTimes | null; failed: QueryResults[] }> {
  const { probe, window, selection, parts, newest, signal } = request;
  const { scope, semantics } = probe;
  const blocks = parts.flatMap((part) => blocksOf(part, window));
  const figuresOf = targetFigures(probe, selection);
  const resolved = await resolveBlocks(source, {
    scope,
    figuresOf,
    blocks,
    newest,
    semantics,
    signal,
  });
  // What the store computed for a whole block is no rate, and nothing to fall back on.
  const counters = new Set(figuresOf(scope).counters.map(({ figure }) => figure));
  const gaugesOf = (all: FiguresAt): FiguresAt => ({
    ...all,
    names: [...all.names].filter((name) => !counters.has(name)),
  });
  const failures = resolved.failed.map((error) => ({ group: 'sample times', figures: [], error }));
  return {
    blocks: blocks.map((block, index) => ({
      ...block,
      figures: gaugesOf(block.figures),
      targets: resolved.blocks[index] ?? new Map(),
    })),
    times: resolved.times,
    failed: [{ instant: new Map(), range: new Map(), failures, sent: 0 }],
  };
}

function blocksOf({ part, results }: PartResults, window: Window): Omit<Block, 'targets'>[] {
  const { range, unit } = part;
  const count = Math.round((range.end - range.start) / unit);
  const isMany = part.queries.some(({ at }) => typeof at !== 'number');
  return Array.from({ length: count }, (_, index) => range.start + (index + 1) * unit).flatMap(
    (end) => {
      const own = { start: end - unit, end };
      const belongsTo = part.belongsTo ?? windowOf(own, window);
      const figures = isMany
        ? figuresAtTime(results.range, end)
        : figuresOfInstant(results.instant);
      return belongsTo === null ? [] : [{ range: own, belongsTo, figures }];
    },
  );
}

/** The unit in which one window ends and the other begins is neither's: its edges are parts of their own. */
function windowOf(
  { start, end }: TimeRange,
  { previous, ...window }: Window,
): 'window' | 'previous' | null {
  if (end <= previous.end) return 'previous';
  return start >= window.start ? 'window' : null;
}
