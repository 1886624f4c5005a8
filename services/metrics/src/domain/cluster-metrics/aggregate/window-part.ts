import type { Node } from '../../nodes/inventory.js';
import type { ResolvedBlock } from '../../time-base/blocks/resolve-blocks.js';
import type { MergedBlock } from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import type { Table } from './node-table.js';

/** One block of a window, by node. */
export interface WindowPart {
  readonly range: TimeRange;
  /** Gauges of each node. */
  readonly table: Table;
  /** Growth and presence of each node by its node-exporters; `null` where the cluster has none. */
  readonly nodes: ReadonlyMap<Node, MergedBlock> | null;
  /** What else is known by target. */
  readonly targets: ResolvedBlock;
}
