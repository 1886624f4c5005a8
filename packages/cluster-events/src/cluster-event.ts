import { clusterEventDataSchema, type ClusterId } from '@bud-monitoring/contracts';
import { normalizeName } from './cluster-name.js';
import { readEventTime, unwrap, type Unwrapped } from './envelope.js';
import type { EventTime } from './event-time.js';
import { isObject } from './json.js';

/** `discovered` comes from no event: the cluster's label was found in the metric store. */
export type ClusterEventKind = 'discovered' | 'created' | 'updated' | 'deleted';

/** A change of a cluster; `cluster-state.ts` says how those of one cluster are ordered. */
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

/**
 * Reads a message of `cluster-created`, `cluster-updated` or `cluster-deleted`. `receivedAt` (Unix ms)
 * stands in for a missing time.
 */
export function readClusterEvent(
  kind: ClusterEventKind,
  message: unknown,
  receivedAt: number,
): ReadResult {
  const { data, envelopes } = unwrap(message);
  if (envelopes.length === 0) return malformed('the message is not a JSON object');
  return readClusterData(kind, data, { envelopes, receivedAt });
}

/** Reads the data of an event about a cluster; the time is that of its envelopes. */
export function readClusterData(
  kind: ClusterEventKind,
  data: unknown,
  { envelopes, receivedAt }: Pick<Unwrapped, 'envelopes'> & { receivedAt: number },
): ReadResult {
  if (!isObject(data)) return malformed('data is not a JSON object');
  const fields = clusterEventDataSchema.safeParse(data);
  if (!fields.success) return malformed(dataProblem(data, fields.error.issues));
  const time = readEventTime(envelopes, receivedAt);
  if (!time.ok) return malformed(time.reason);
  const { cluster_id: clusterId, name } = fields.data;
  return {
    kind: 'event',
    event: { kind, clusterId, name: normalizeName(name), time: time.time },
  };
}

function dataProblem(
  data: Record<string, unknown>,
  [issue]: readonly { path: PropertyKey[]; message: string }[],
): string {
  const field = String(issue?.path[0]);
  if (data[field] === undefined) {
    const other = 'clusterId' in data ? ': it has clusterId instead' : '';
    return `data.${field} is missing${other}`;
  }
  return `data.${field}: ${issue?.message ?? 'invalid'}`;
}
