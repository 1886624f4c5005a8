import type { Coverage } from '@bud-monitoring/contracts';
import type { Asked } from '../../existence/decide.js';
import type { Node } from '../../nodes/inventory.js';
import type { Collected } from '../../promql/queries.js';
import type { Warnings } from '../../warnings.js';
import type { Gathered } from '../read/readings.js';

/** How many nodes there are and report, and how old the newest sample is. */
export function coverageOf(
  { now }: Gathered,
  about: {
    nodes: readonly Node[];
    silent: ReadonlySet<Node>;
    lastSeen: ReadonlyMap<Node, number>;
    end: number;
  },
): Coverage {
  const { nodes, silent, lastSeen, end } = about;
  const heard = [...(now.moment.get('heard') ?? []), ...(now.moment.get('heard:kubernetes') ?? [])];
  const newest = Math.max(...heard.map(({ value }) => value), ...lastSeen.values());
  return {
    nodes_expected: nodes.length,
    nodes_reporting: nodes.length - silent.size,
    newest_sample_age_seconds: Number.isFinite(newest)
      ? Math.max(0, Math.round(end - newest))
      : null,
  };
}

/** Nodes without a figure at the end, and why. */
export function warnOfNodes(
  nodes: readonly Node[],
  silent: ReadonlySet<Node>,
  warnings: Warnings,
): void {
  const keys = (of: (node: Node) => boolean) => nodes.filter(of).map(({ key }) => key);
  warnings.add('node_not_reporting', 'No sample in the 5 minutes before the end of the window', {
    nodes: keys((node) => silent.has(node) && node.instance !== null),
  });
  warnings.add('node_exporter_missing', 'No node-exporter was seen in the window', {
    nodes: keys((node) => silent.has(node) && node.instance === null),
  });
}

/** Says what could not be asked; true when nothing failed. */
export function warnOfFailures(
  { now, means, series }: Gathered,
  lastSeenFailed: unknown,
  listed: Asked<unknown>,
  warnings: Warnings,
): boolean {
  const groups = new Map<string, string>();
  const note = (what: string, collected: Collected | null) => {
    for (const { group } of collected?.failures ?? []) groups.set(`${what} of ${group}`, group);
  };
  note('figures', now);
  for (const { collected } of means) note('means', collected);
  note('series', series);
  for (const what of groups.keys()) {
    warnings.add('query_failed', `The store could not answer: ${what}`);
  }
  if (lastSeenFailed !== null) {
    warnings.add('query_failed', 'The store could not answer: when silent nodes were last seen');
  }
  if ('failed' in listed) {
    warnings.add('bud_cluster_unavailable', 'bud-cluster could not be asked which nodes there are');
  }
  const notes = new Set(
    [now, series, ...means.map(({ collected }) => collected)].flatMap((one) => one?.notes ?? []),
  );
  for (const text of notes) warnings.add('store_note', text);
  return groups.size === 0 && lastSeenFailed === null && !('failed' in listed);
}
