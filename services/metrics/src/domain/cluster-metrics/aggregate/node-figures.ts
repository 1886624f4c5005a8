import type { DirectoryNode } from '../../../ports.js';
import type { Settled } from '../../settle.js';
import { createNodeInventory } from '../../nodes/inventory.js';
import type { Figures } from '../../promql/figure.js';
import { figuresAtTime } from '../../promql/queries.js';
import type { TimeRange } from '../../time/time-range.js';
import type { Window } from '../../time/window.js';
import type { ClusterReadings } from '../read/cluster-readings.js';
import type { WindowPart } from './means.js';
import { tableOf } from './node-table.js';
import type { PartFigures } from './part-figures.js';

/** The nodes of a cluster, and the figures of each, at the end and by window. */
export function aggregateNodes(
  { now, means }: ClusterReadings,
  listed: Settled<readonly DirectoryNode[]>,
  window: Window,
) {
  const inventory = createNodeInventory();
  for (const { metric } of now.instant.get('uname') ?? []) {
    inventory.addInstance(metric['instance'] ?? '', metric['nodename'] ?? null, true);
  }
  const nowTable = tableOf(now.instant, inventory, true);
  const parts: { window: WindowPart[]; previous: WindowPart[] } = { window: [], previous: [] };
  const windowFigures: PartFigures[] = [];
  const previousFigures: PartFigures[] = [];
  for (const { range, belongsTo, figures, failed } of eachPart(means, window)) {
    const isCurrent = belongsTo === 'window';
    (isCurrent ? windowFigures : previousFigures).push({ range, figures: powerAndGpu(figures) });
    parts[belongsTo].push({
      range,
      table: tableOf(figures, inventory, isCurrent),
      coveredByAny: failed ? null : (figures.get('covered:cluster')?.[0]?.value ?? null),
    });
  }
  for (const { metric } of now.instant.get('kubernetes') ?? []) {
    inventory.addKubernetes(metric['node'] ?? '', nonEmpty(metric['internal_ip']));
  }
  if ('answer' in listed) {
    for (const { name, internalIp } of listed.answer) inventory.addListed(name, internalIp);
  }
  return { inventory, now: nowTable, ...parts, windowFigures, previousFigures };
}

interface Part extends PartFigures {
  readonly belongsTo: 'window' | 'previous';
  readonly failed: boolean;
}

/** One at a time: all days of a month at once are a lot of rows. */
function* eachPart(means: ClusterReadings['means'], window: Window): Generator<Part> {
  for (const { part, results } of means) {
    const failed = results.failures.length > 0;
    const { unit } = part;
    for (let end = part.range.start + unit; end <= part.range.end; end += unit) {
      const range = { start: end - unit, end };
      const belongsTo = part.belongsTo ?? windowOf(range, window);
      const figures = part.belongsTo === null ? figuresAtTime(results.range, end) : results.instant;
      if (belongsTo !== null) yield { range, belongsTo, figures, failed };
    }
  }
}

/** Figures that are not aggregated in tables by node. */
function powerAndGpu(figures: Figures): Figures {
  return new Map([...figures].filter(([figure]) => /^(power|gpu):/.test(figure)));
}

/** The unit in which one window ends and the other begins is neither's: its edges are parts of their own. */
function windowOf(
  { start, end }: TimeRange,
  { previous, ...window }: Window,
): Part['belongsTo'] | null {
  if (end <= previous.end) return 'previous';
  return start >= window.start ? 'window' : null;
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
