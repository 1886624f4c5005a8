import { clusterIdSchema } from '@bud-monitoring/contracts';
import { eventData, isObject, readEventTime } from './cloud-event.js';
import { malformed, normalizeName, type ClusterEvent, type ReadResult } from './cluster-event.js';

const ignored: ReadResult = { kind: 'ignored' };

/**
 * Reads a message of Bud's own stream. Two of its many types are about clusters: the result of
 * a registration, which is a creation, and the result of a deletion. It comes flat, without `id` or
 * `data`, or wrapped in a CloudEvent. `receivedAt` (Unix ms) stands in for a missing time.
 */
export function readBudMessage(message: unknown, receivedAt: number): ReadResult {
  if (!isObject(message)) return ignored;
  const data = eventData(message);
  const payload = isObject(data) ? data['payload'] : undefined;
  if (!isObject(payload) || payload['event'] !== 'results') return ignored;
  const content = isObject(payload['content']) ? payload['content'] : {};
  switch (payload['type']) {
    case 'register_cluster':
      // A failed registration has no cluster.
      return content['status'] === 'COMPLETED'
        ? toResult('created', registered(content), message, receivedAt)
        : ignored;
    case 'delete_cluster':
      // Today's sender gives results only when it is done, and not always with a status.
      return (content['status'] ?? 'COMPLETED') === 'COMPLETED'
        ? toResult('deleted', { id: deletedId(content), name: null }, message, receivedAt)
        : ignored;
    default:
      return ignored;
  }
}

function registered(content: Record<string, unknown>): { id: unknown; name: unknown } {
  const result = isObject(content['result']) ? content['result'] : {};
  return { id: result['id'], name: result['name'] };
}

/** The sender drops `cluster_id` from the result at times; the message still names it. */
function deletedId(content: Record<string, unknown>): unknown {
  const result = isObject(content['result']) ? content['result'] : {};
  if (typeof result['cluster_id'] === 'string') return result['cluster_id'];
  const text = content['message'];
  return typeof text === 'string'
    ? /\bcluster\s+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+was deleted/i.exec(text)?.[1]
    : undefined;
}

function toResult(
  kind: ClusterEvent['kind'],
  cluster: { id: unknown; name: unknown },
  message: Record<string, unknown>,
  receivedAt: number,
): ReadResult {
  const id = clusterIdSchema.safeParse(cluster.id);
  if (!id.success)
    return malformed(
      `the result of a cluster's ${kind === 'deleted' ? 'deletion' : 'registration'} names no cluster id`,
    );
  const time = readEventTime(message, receivedAt);
  if (!time.ok) return malformed(time.reason);
  return {
    kind: 'event',
    event: { kind, clusterId: id.data, name: normalizeName(cluster.name), time: time.time },
  };
}
