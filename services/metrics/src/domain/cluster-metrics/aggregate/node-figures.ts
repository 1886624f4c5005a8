import type { DirectoryNode } from '../../../ports.js';
import type { Settled } from '../../settle.js';
import { createNodeInventory, type Node, type NodeInventory } from '../../nodes/inventory.js';
import { nodeExporterGroup } from '../../targets/node-exporter.js';
import {
  clip,
  mergeTargets,
  type MergedBlock,
  type TargetBlock,
} from '../../time-base/blocks/target-block.js';
import type { Window } from '../../time/window.js';
import type { Block } from '../read/blocks.js';
import type { ClusterReadings } from '../read/cluster-readings.js';
import type { WindowPart } from './window-part.js';
import { tableOf } from './node-table.js';

/** The nodes of a cluster, and the figures of each, at the end and by window. */
export function aggregateNodes(
  { now, blocks }: ClusterReadings,
  listed: Settled<readonly DirectoryNode[]>,
  window: Window,
) {
  const inventory = createNodeInventory();
  for (const { metric } of now.instant.get('uname') ?? []) {
    inventory.addInstance(metric['instance'] ?? '', metric['nodename'] ?? null, true);
  }
  const nowTable = tableOf(now.instant, inventory, true);
  const partsOf = (belongsTo: Block['belongsTo']) =>
    blocks.filter((block) => block.belongsTo === belongsTo).map(partIn(inventory, window));
  const parts = { window: partsOf('window'), previous: partsOf('previous') };
  for (const { metric } of now.instant.get('kubernetes') ?? []) {
    inventory.addKubernetes(metric['node'] ?? '', nonEmpty(metric['internal_ip']));
  }
  if ('answer' in listed) {
    for (const { name, internalIp } of listed.answer) inventory.addListed(name, internalIp);
  }
  return { inventory, now: nowTable, ...parts };
}

/** A block as a part of its window: nothing beyond the window is covered. */
function partIn(inventory: NodeInventory, window: Window): (block: Block) => WindowPart {
  return ({ range, belongsTo, figures, targets }) => {
    const isCurrent = belongsTo === 'window';
    const to = isCurrent ? window : window.previous;
    const clipped = new Map(
      [...targets].map(([id, own]) => [
        id,
        own.map((target) => ({
          ...target,
          runs: clip(target.runs, to),
          present: clip(target.present, to),
        })),
      ]),
    );
    const exporters = clipped.get(nodeExporterGroup);
    return {
      range: clip([range], to)[0] ?? range,
      table: tableOf(figures(), inventory, isCurrent),
      nodes:
        exporters === undefined
          ? null
          : byNode(exporters, ({ metric }) =>
              inventory.addInstance(metric['instance'] ?? '', null, isCurrent),
            ),
      targets: clipped,
    };
  };
}

/** Targets of a block by the node they speak of. */
export function byNode(
  targets: readonly TargetBlock[],
  nodeOf: (target: TargetBlock) => Node,
): Map<Node, MergedBlock> {
  const groups = new Map<Node, TargetBlock[]>();
  for (const target of targets) {
    const node = nodeOf(target);
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

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
