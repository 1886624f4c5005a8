import { clusterIdSchema } from '@bud-monitoring/contracts';
import {
  dataOf,
  isObject,
  malformed,
  cleanName,
  timeOf,
  type ClusterEvent,
  type Reading,
} from './cluster-event.js';

const nothing: Reading = { kind: 'none' };

/**
 * Reads a message of Bud's own stream. Two of its many kinds concern us: the result of a
 * registration, which is a creation, and the result of a deletion. It comes flat, without `id` or
 * `data`, or wrapped.
 */
export function readBudMessage(message: unknown, receivedAt: number): Reading {
  if (!isObject(message)) return nothing;
  const data = dataOf(message);
  const payload = isObject(data) ? data['payload'] : undefined;
  if (!isObject(payload) || payload['event'] !== 'results') return nothing;
  const content = isObject(payload['content']) ? payload['content'] : {};
  switch (payload['type']) {
    case 'register_cluster':
      // A failed registration has no cluster.
      return content['status'] === 'COMPLETED'
        ? reading('created', registered(content), message, receivedAt)
        : nothing;
    case 'delete_cluster':
      // Today's sender gives results only when it is done, and not always with a status.
      return (content['status'] ?? 'COMPLETED') === 'COMPLETED'
        ? reading('deleted', { id: deletedId(content), name: null }, message, receivedAt)
        : nothing;
    default:
      return nothing;
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

function reading(
  kind: ClusterEvent['kind'],
  found: { id: unknown; name: unknown },
  message: Record<string, unknown>,
  receivedAt: number,
): Reading {
  const id = clusterIdSchema.safeParse(found.id);
  if (!id.success)
    return malformed(
      `the result of a cluster's ${kind === 'deleted' ? 'deletion' : 'registration'} names no cluster id`,
    );
  const time = timeOf(message, receivedAt);
  if (!time.ok) return malformed(time.reason);
  return {
    kind: 'event',
    event: { kind, clusterId: id.data, name: cleanName(found.name), time: time.time },
  };
}
