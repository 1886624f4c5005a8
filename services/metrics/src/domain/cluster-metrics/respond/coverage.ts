import type { Coverage } from '@bud-monitoring/contracts';
import type { Node } from '../../nodes/inventory.js';
import type { ClusterReadings } from '../read/cluster-readings.js';

/** Time of the newest sample in the 5 minutes before the end (Unix seconds); `null` where there is none. */
export function newestHeard({ now }: ClusterReadings): number | null {
  const heard = ['heard', 'heard:kubernetes'].flatMap((figure) => now.instant.get(figure) ?? []);
  return heard.length === 0 ? null : Math.max(...heard.map(({ value }) => value));
}

/** How many nodes there are and report, and how old the newest sample is. Times in Unix seconds. */
export function coverageOf(about: {
  readonly nodes: readonly Node[];
  readonly silent: ReadonlySet<Node>;
  readonly newest: number | null;
  readonly end: number;
}): Coverage {
  const { nodes, silent, newest, end } = about;
  return {
    nodes_expected: nodes.length,
    nodes_reporting: nodes.length - silent.size,
    newest_sample_age_seconds: newest === null ? null : Math.max(0, Math.round(end - newest)),
  };
}
