import type { DirectoryNode } from '../../../ports.js';
import type { Settled } from '../../settle.js';
import type { Node } from '../../nodes/inventory.js';
import { mapInTurns } from '../../turns/pace.js';
import { addressOf } from '../../nodes/address.js';
import {
  readInventory,
  withoutForeignRates,
  type InventoryReading,
} from '../../nodes/read-inventory.js';
import { figuresOfInstant } from '../../promql/figures-at.js';
import { nodeExporterGroup } from '../../targets/node-exporter.js';
import {
  clip,
  lengthOf,
  mergeTargets,
  type MergedBlock,
  type TargetBlock,
} from '../../time-base/blocks/target-block.js';
import type { TimeRange } from '../../time/time-range.js';
import type { Window } from '../../time/window.js';
import type { Block } from '../read/blocks.js';
import type { ClusterReadings } from '../read/cluster-readings.js';
import type { WindowPart } from './window-part.js';
import { tableOf } from './node-table.js';

/** The nodes of a cluster, and the figures of each, at the end and by window. */
export async function aggregateNodes(
  { now, blocks }: ClusterReadings,
  listed: Settled<readonly DirectoryNode[]>,
  window: Window,
) {
  const identity = readInventory(now.instant, listed, window.start);
  const { inventory, heldSince } = identity;
  inventory.chooseInstances(() => coveredBy(blocks));
  const figures = withoutForeignRates(now.instant, heldSince, window.end);
  const nowTable = tableOf(figuresOfInstant(figures), inventory, true);
  const partsOf = (belongsTo: Block['belongsTo']) =>
    mapInTurns(
      blocks.filter((block) => block.belongsTo === belongsTo),
      partIn(identity, window),
    );
  return {
    identity,
    inventory,
    now: nowTable,
    window: await partsOf('window'),
    previous: await partsOf('previous'),
  };
}

/** Seconds that an instance of node-exporter covers in all blocks. */
function coveredBy(blocks: readonly Block[]): (instance: string) => number {
  const seconds = new Map<string, number>();
  for (const { targets } of blocks) {
    for (const { metric, runs } of targets.get(nodeExporterGroup) ?? []) {
      const { instance = '' } = metric;
      seconds.set(instance, lengthOf(runs) + (seconds.get(instance) ?? 0));
    }
  }
  return (instance) => seconds.get(instance) ?? 0;
}

/**
 * A block as a part of its window: nothing beyond the window is covered, and what another machine sent from an
 * address is not that of who holds it now.
 */
function partIn(
  { inventory, heldSince }: InventoryReading,
  window: Window,
): (block: Block) => WindowPart {
  return ({ range, belongsTo, figures, targets, renewed }) => {
    const isCurrent = belongsTo === 'window';
    const to = isCurrent ? window : window.previous;
    const isOwn = (instance: string) =>
      heldSince(instance) <= range.start || renewed?.has(addressOf(instance)) === true;
    const inWindow = new Map(
      [...targets].map(([id, own]) => [
        id,
        own
          .filter(({ metric }) => isOwn(metric['instance'] ?? ''))
          .map((target) => clipped(target, to)),
      ]),
    );
    const exporters = inWindow.get(nodeExporterGroup);
    return {
      range: clip([range], to)[0] ?? range,
      table: tableOf(figures, inventory, isCurrent, isOwn),
      nodes:
        exporters === undefined
          ? null
          : byNode(exporters, ({ metric }) =>
              inventory.ofInstance(metric['instance'] ?? '', isCurrent),
            ),
      targets: inWindow,
    };
  };
}

function clipped(target: TargetBlock, to: TimeRange): TargetBlock {
  const [runs, present] = [clip(target.runs, to), clip(target.present, to)];
  const isWhole = runs === target.runs && present === target.present;
  return isWhole ? target : { ...target, runs, present };
}

/** Targets of a block by the node they speak of; those of no node are left out. */
export function byNode(
  targets: readonly TargetBlock[],
  nodeOf: (target: TargetBlock) => Node | null,
): Map<Node, MergedBlock> {
  const groups = new Map<Node, TargetBlock[]>();
  for (const target of targets) {
    const node = nodeOf(target);
    if (node === null) continue;
    const own = groups.get(node);
    if (own === undefined) groups.set(node, [target]);
    else own.push(target);
  }
  const merged = new Map<Node, MergedBlock>();
  for (const [node, own] of groups) {
    const block = mergeTargets(own);
    if (block !== null) merged.set(node, block);
  }
  return merged;
}
