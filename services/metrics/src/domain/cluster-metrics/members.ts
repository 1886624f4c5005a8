import type { DirectoryNode } from '../../ports.js';
import type { Asked } from '../existence/decide.js';
import { canonical } from '../nodes/address.js';
import { createRoster, type Node, type Roster } from '../nodes/roster.js';
import { figuresAt } from '../store/collect.js';
import { day, type Window } from '../time/window.js';
import type { Warnings } from '../warnings.js';
import type { Gathered } from './gather.js';
import type { Piece } from './means.js';
import type { PieceFigures } from './pieces.js';
import { tableOf } from './tables.js';

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
  for (const { span, figures, failed, daily } of eachPiece(means)) {
    const current = span.end > window.start;
    // The day in which the one window ends and the other begins is measured by its edges.
    if (daily && current && span.start < window.start) continue;
    (current ? windowFigures : previousFigures).push({ span, figures });
    (current ? measured.window : measured.previous).push({
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

function eachPiece(means: Gathered['means']) {
  return means.flatMap(({ piece, collected }) => {
    const failed = collected.failures.length > 0;
    if (!piece.daily)
      return [{ span: piece.span, figures: collected.moment, failed, daily: false }];
    const days: (PieceFigures & { failed: boolean; daily: boolean })[] = [];
    for (let end = piece.span.start + day; end <= piece.span.end; end += day) {
      const figures = figuresAt(collected.range, end);
      days.push({ span: { start: end - day, end }, figures, failed, daily: true });
    }
    return days;
  });
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
