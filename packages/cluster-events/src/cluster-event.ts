import { clusterEventDataSchema, type ClusterId } from '@bud-monitoring/contracts';
import { eventData, isObject, readEventTime } from './cloud-event.js';
import type { EventTime } from './event-time.js';

/** `discovered` comes from no event: the cluster's label was found in the metric store. */
export type ClusterEventKind = 'discovered' | 'created' | 'updated' | 'deleted';

/** A change of a cluster; events of one cluster are ordered by their `time`. */
export interface ClusterEvent {
  kind: ClusterEventKind;
  clusterId: ClusterId;
  name: string | null;
  time: EventTime;
}

/** The result of reading a delivered message; `ignored` messages are valid but not about clusters. */
export type ReadResult =
  | { kind: 'event'; event: ClusterEvent }
  | { kind: 'ignored' }
  | { kind: 'malformed'; reason: string };

/** The result for a message that cannot be read. */
export const malformed = (reason: string): ReadResult => ({ kind: 'malformed', reason });

/** Characters of a name that are kept; a title shows 150. */
const maxNameLength = 1_000;

/** A cluster's name trimmed and cut to 1,000 characters; null where nothing is left. */
export function normalizeName(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const name = Array.from(text.slice(0, 2 * maxNameLength).trim())
    .slice(0, maxNameLength)
    .join('');
  return name === '' ? null : name;
}

/**
 * Reads a message of `cluster-created`, `cluster-updated` or `cluster-deleted`. `receivedAt` (Unix ms)
 * stands in for a missing time.
 */
export function readClusterEvent(
  kind: ClusterEventKind,
  message: unknown,
  receivedAt: number,
): ReadResult {
  if (!isObject(message)) return malformed('the message is not a JSON object');
  const data = clusterEventDataSchema.safeParse(eventData(message));
  if (!data.success) {
    const [issue] = data.error.issues;
    return malformed(
      `data${issue?.path.map((key) => `.${String(key)}`).join('') ?? ''}: ${issue?.message ?? 'invalid'}`,
    );
  }
  const time = readEventTime(message, receivedAt);
  if (!time.ok) return malformed(time.reason);
  return {
    kind: 'event',
    event: {
      kind,
      clusterId: data.data.cluster_id,
      name: normalizeName(data.data.name),
      time: time.time,
    },
  };
}
