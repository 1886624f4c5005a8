import type { Settled } from '../../settle.js';
import type { Node } from '../../nodes/inventory.js';
import type { QueryResults } from '../../promql/queries.js';
import type { Warnings } from '../../warnings.js';
import type { InferenceReadings } from '../inference/read.js';
import type { ClusterReadings } from '../read/cluster-readings.js';

/** Warns of nodes without a figure at the end, and says why. */
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

/** Warns of what could not be read; true when nothing failed. */
export function warnOfFailures(
  { now, means, series, inference }: ClusterReadings & { inference: InferenceReadings | null },
  lastSeenFailed: unknown,
  listed: Settled<unknown>,
  warnings: Warnings,
): boolean {
  const groups = new Map<string, string>();
  const addFailures = (what: string, results: QueryResults | null) => {
    for (const { group } of results?.failures ?? []) groups.set(`${what} of ${group}`, group);
  };
  addFailures('figures', now);
  for (const results of means) addFailures('means', results);
  addFailures('series', series);
  addFailures('figures', inference?.now ?? null);
  addFailures('figures', inference?.before ?? null);
  for (const what of groups.keys()) {
    warnings.add('query_failed', `The store could not answer: ${what}`);
  }
  if (lastSeenFailed !== null) {
    warnings.add('query_failed', 'The store could not answer: when silent nodes were last seen');
  }
  if ('failed' in listed) {
    warnings.add('bud_cluster_unavailable', 'bud-cluster could not be asked which nodes there are');
  }
  return groups.size === 0 && lastSeenFailed === null && !('failed' in listed);
}
