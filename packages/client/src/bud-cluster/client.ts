import type { Dapr } from '../dapr/types.js';
import { UpstreamError } from '../errors.js';
import { createInvocation } from '../invocation.js';
import { pathSegment } from '../http/url.js';
import { errorAnswer, eventsCountAnswer, nodeEventsAnswer, nodesAnswer } from './schemas.js';
import type { BudClusterClient } from './types.js';

export interface BudClusterOptions {
  dapr: Dapr;
  /** Dapr app id of bud-cluster. */
  appId: string;
  /** Milliseconds one call may take. Default 10 000. */
  timeoutMs?: number | undefined;
}

/** The client of bud-cluster, which knows the nodes and reads their Kubernetes events. */
export function createBudClusterClient(options: BudClusterOptions): BudClusterClient {
  const { dapr, appId, timeoutMs = 10_000 } = options;
  const read = createInvocation({ dapr, appId, upstream: 'bud-cluster', timeoutMs, errorAnswer });
  const cluster = (id: string) => `/cluster/${pathSegment(id)}`;
  return {
    nodes: async (id, signal) =>
      read({ path: `${cluster(id)}/nodes`, answer: nodesAnswer, signal }),
    eventsCountByNode: async (id, signal) =>
      read({ path: `${cluster(id)}/events-count-by-node`, answer: eventsCountAnswer, signal }),
    nodeEvents: async (id, node, signal) =>
      read({
        path: `${cluster(id)}/node-wise-events/${nodeSegment(node)}`,
        answer: nodeEventsAnswer,
        signal,
      }),
  };
}

/** The sidecar decodes a path on the way, so what would change it there is no name of a node. */
function nodeSegment(node: string): string {
  if (/^[\w.:-]+$/.test(node) && !/^\.+$/.test(node)) return pathSegment(node);
  throw new UpstreamError({ upstream: 'bud-cluster', code: 'not_found', detail: 'no such node' });
}
