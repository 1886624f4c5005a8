import type { Coverage } from '@bud-monitoring/contracts';
import type { Node } from '../../nodes/inventory.js';
import type { ClusterReadings } from '../read/cluster-readings.js';

/** How many nodes there are and report, and how old the newest sample is. */
export function coverageOf(
  { now }: ClusterReadings,
  about: {
    nodes: readonly Node[];
    silent: ReadonlySet<Node>;
    lastSeen: ReadonlyMap<Node, number>;
    end: number;
  },
): Coverage {
  const { nodes, silent, lastSeen, end } = about;
  const heard = [
    ...(now.instant.get('heard') ?? []),
    ...(now.instant.get('heard:kubernetes') ?? []),
  ];
  const newest = Math.max(...heard.map(({ value }) => value), ...lastSeen.values());
  return {
    nodes_expected: nodes.length,
    nodes_reporting: nodes.length - silent.size,
    newest_sample_age_seconds: Number.isFinite(newest)
      ? Math.max(0, Math.round(end - newest))
      : null,
  };
}
