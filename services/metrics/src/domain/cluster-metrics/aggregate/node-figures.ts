import type { DirectoryNode } from '../../../ports.js';
import type { Asked } from '../../existence/decide.js';
import { canonical } from '../../nodes/address.js';
import { createRoster, type Node, type Roster } from '../../nodes/inventory.js';
import { figuresAt } from '../../promql/queries.js';
import type { Figures } from '../../promql/figure.js';
import type { Span, Window } from '../../time/window.js';
import type { Warnings } from '../../warnings.js';
import type { Gathered } from '../read/readings.js';
import type { Piece } from './means.js';
import type { PieceFigures } from './part-figures.js';
import { tableOf } from './node-table.js';

/** Who is there, and what was measured of each, by window. */
export function membersOf(
  { now, means }: Gathered,
  listed: Asked<readonly DirectoryNode[]>,
  window: Window,
) {
  const roster = createRoster();
  for (const { metric } of now.moment.get('uname') ?? []) {
    roster.addInstance(metric['instance'] ?? '', metric['nodename'] ?? null, true);
  }
  const nowTable = tableOf(now.moment, roster, true);
  const measured: { window: Piece[]; previous: Piece[] } = { window: [], previous: [] };
  const windowFigures: PieceFigures[] = [];
  const previousFigures: PieceFigures[] = [];
  for (const { span, part, figures, failed } of eachPiece(means, window)) {
    const current = part === 'window';
    (current ? windowFigures : previousFigures).push({ span, figures: powerAndGpu(figures) });
    measured[part].push({
      span,
      table: tableOf(figures, roster, current),
      coveredByAny: failed ? null : (figures.get('covered:cluster')?.[0]?.value ?? null),
    });
  }
  for (const { metric } of now.moment.get('kubernetes') ?? []) {
    roster.addKubernetes(metric['node'] ?? '', nonEmpty(metric['internal_ip']));
  }
  if ('answer' in listed) {
    for (const { name, internalIp } of listed.answer) roster.addListed(name, internalIp);
  }
  return { roster, now: nowTable, ...measured, windowFigures, previousFigures };
}

interface PartOfSpan extends PieceFigures {
  readonly part: 'window' | 'previous';
  readonly failed: boolean;
}

/** One at a time: all days of a month at once are a lot of rows. */
function* eachPiece(means: Gathered['means'], window: Window): Generator<PartOfSpan> {
  for (const { piece, collected } of means) {
    const failed = collected.failures.length > 0;
    const { unit } = piece;
    for (let end = piece.span.start + unit; end <= piece.span.end; end += unit) {
      const span = { start: end - unit, end };
      const part = piece.part ?? partOf(span, window);
      const figures = piece.part === null ? figuresAt(collected.range, end) : collected.moment;
      if (part !== null) yield { span, part, figures, failed };
    }
  }
}

/** What is read apart from the tables. */
function powerAndGpu(figures: Figures): Figures {
  return new Map([...figures].filter(([figure]) => /^(power|gpu):/.test(figure)));
}

/** The unit in which the one window ends and the other begins is neither's: its edges were measured. */
function partOf({ start, end }: Span, { previous, ...window }: Window): PartOfSpan['part'] | null {
  if (end <= previous.end) return 'previous';
  return start >= window.start ? 'window' : null;
}

/** The nodes of the answer: those of the window, or those of them that were asked for. */
export function filterNodes(
  roster: Roster,
  filter: readonly string[] | undefined,
  warnings: Warnings,
): Node[] {
  const current = roster.nodes.filter((node) => node.current);
  if (filter === undefined) return current;
  const names = (node: Node) =>
    [node.key, node.address, node.name, node.nodename].map((name) => name?.toLowerCase());
  const matches = (node: Node, wanted: string) =>
    names(node).includes(wanted.toLowerCase()) || node.address === canonical(wanted);
  const unknown = filter.filter((wanted) => !current.some((node) => matches(node, wanted)));
  warnings.add('node_unknown', 'These nodes are not known in the window', { nodes: unknown });
  return current.filter((node) => filter.some((wanted) => matches(node, wanted)));
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
