import {
  malformed,
  readClusterData,
  type ClusterEventKind,
  type ReadResult,
} from './cluster-event.js';
import { unwrap } from './envelope.js';
import { isObject } from './json.js';

const ignored: ReadResult = { kind: 'ignored' };

/**
 * Reads a message of Bud's own stream. Two of its many types are about clusters: the result of
 * a registration, which is a creation, and the result of a deletion. It comes flat, without `id` or
 * `data`, or wrapped in a CloudEvent. `receivedAt` (Unix ms) stands in for a missing time.
 */
export function readBudMessage(message: unknown, receivedAt: number): ReadResult {
  const { data, envelopes } = unwrap(message);
  const payload = isObject(data) ? data['payload'] : undefined;
  if (!isObject(payload) || payload['event'] !== 'results') return ignored;
  const content = isObject(payload['content']) ? payload['content'] : {};
  const result = isObject(content['result']) ? content['result'] : {};
  const read = (kind: ClusterEventKind, clusterId: unknown, name?: unknown): ReadResult => {
    if (typeof clusterId !== 'string')
      return malformed(`the result of ${String(payload['type'])} names no cluster id`);
    return readClusterData(kind, { cluster_id: clusterId, name }, { envelopes, receivedAt });
  };
  switch (payload['type']) {
    case 'register_cluster':
      // A failed registration has no cluster.
      return content['status'] === 'COMPLETED'
        ? read('created', result['id'], result['name'])
        : ignored;
    case 'delete_cluster':
      // Today's sender gives results only when it is done, and not always with a status.
      return (content['status'] ?? 'COMPLETED') === 'COMPLETED'
        ? read('deleted', result['cluster_id'] ?? clusterIdInText(content['message']))
        : ignored;
    default:
      return ignored;
  }
}

/** The sender drops `cluster_id` from the result at times; the message still names it. */
function clusterIdInText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return /\bcluster\s+(\S+)\s+was deleted/i.exec(text.slice(0, 1_000))?.[1];
}
