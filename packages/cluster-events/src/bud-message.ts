import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import {
  malformed,
  readClusterData,
  type ClusterEventKind,
  type ReadResult,
} from './cluster-event.js';
import { unwrap } from './envelope.js';
import { isObject } from './json.js';

/** What a message of Bud's own stream says of a cluster; undefined where it is about something else. */
interface ClusterResult {
  kind: ClusterEventKind;
  type: string;
  /** What stands for a cluster id, if anything does. */
  clusterId: unknown;
  name: unknown;
}

/** Two of the many types are about clusters: the result of a registration, and that of a deletion. */
function clusterResultIn(data: unknown): ClusterResult | undefined {
  const payload = isObject(data) ? data['payload'] : undefined;
  if (!isObject(payload) || payload['event'] !== 'results') return undefined;
  const content = isObject(payload['content']) ? payload['content'] : {};
  const result = isObject(content['result']) ? content['result'] : {};
  switch (payload['type']) {
    case 'register_cluster':
      // A failed registration has no cluster.
      return content['status'] === 'COMPLETED'
        ? {
            kind: 'created',
            type: 'register_cluster',
            clusterId: result['id'],
            name: result['name'],
          }
        : undefined;
    case 'delete_cluster':
      // Today's sender gives results only when it is done, and not always with a status.
      return (content['status'] ?? 'COMPLETED') === 'COMPLETED'
        ? {
            kind: 'deleted',
            type: 'delete_cluster',
            clusterId: result['cluster_id'] ?? clusterIdInText(content['message']),
            name: undefined,
          }
        : undefined;
    default:
      return undefined;
  }
}

/**
 * Reads a message of Bud's own stream: a registration is a creation. It comes flat, without `id` or
 * `data`, or wrapped in a CloudEvent. `receivedAt` (Unix ms) stands in for a missing time.
 */
export function readBudMessage(message: unknown, receivedAt: number): ReadResult {
  const { data, envelopes } = unwrap(message);
  const found = clusterResultIn(data);
  if (found === undefined) return { kind: 'ignored' };
  const { kind, type, clusterId, name } = found;
  if (typeof clusterId !== 'string') return malformed(`the result of ${type} names no cluster id`);
  return readClusterData(kind, { cluster_id: clusterId, name }, { envelopes, receivedAt });
}

/** The cluster that a message names, of Bud's stream or of another topic; null where it names none. */
export function namedCluster(message: unknown): ClusterId | null {
  const { data } = unwrap(message);
  const own = isObject(data) ? data['cluster_id'] : undefined;
  const id = clusterIdSchema.safeParse(own ?? clusterResultIn(data)?.clusterId);
  return id.success ? id.data : null;
}

/** The sender drops `cluster_id` from the result at times; the message still names it. */
function clusterIdInText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return /\bcluster\s+(\S+)\s+was deleted/i.exec(text.slice(0, 1_000))?.[1];
}
