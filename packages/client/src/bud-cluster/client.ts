import type { z } from 'zod';

import type { Dapr } from '../dapr/types.js';
import { UpstreamError } from '../errors.js';
import { createInvocation } from '../invocation.js';
import { pathSegment } from '../http/url.js';
import { createResiliencePolicy, type ResiliencePolicy } from '../resilience/policy.js';
import { errorAnswer, eventsCountAnswer, nodeEventsAnswer, nodesAnswer } from './schemas.js';
import type { BudClusterClient } from './types.js';

export interface BudClusterOptions {
  dapr: Dapr;
  /** Dapr app id of bud-cluster. */
  appId: string;
  /** Milliseconds one call may take. Default 10 000. */
  timeoutMs?: number | undefined;
}

/**
 * A cluster about which nothing was said in time so often in a row is not asked about for a while: bud-cluster asks
 * the cluster itself, and each call waits for as long as it may.
 */
const breaker = { failures: 3, cooldownMs: 10_000 };
/** Clusters whose calls are counted. */
const maxClusters = 1_000;

/** The client of bud-cluster, which knows the nodes and reads their Kubernetes events. */
export function createBudClusterClient(options: BudClusterOptions): BudClusterClient {
  const { dapr, appId, timeoutMs = 10_000 } = options;
  const read = createInvocation({ dapr, appId, upstream: 'bud-cluster', timeoutMs, errorAnswer });
  const policies = new Map<string, ResiliencePolicy>();
  const policyOf = (id: string): ResiliencePolicy => {
    const known = policies.get(id);
    if (known !== undefined) return known;
    if (policies.size >= maxClusters) policies.clear();
    const policy = createResiliencePolicy({
      name: 'bud-cluster',
      breaker,
      // The call's own comes first, and counts.
      deadlineMs: timeoutMs + 1_000,
    });
    policies.set(id, policy);
    return policy;
  };
  const of = <T>(id: string, path: string, answer: z.ZodType<T>, signal?: AbortSignal) =>
    read({ path: `/cluster/${pathSegment(id)}/${path}`, answer, signal, policy: policyOf(id) });
  return {
    nodes: async (id, signal) => of(id, 'nodes', nodesAnswer, signal),
    eventsCountByNode: async (id, signal) =>
      of(id, 'events-count-by-node', eventsCountAnswer, signal),
    nodeEvents: async (id, node, signal) =>
      of(id, `node-wise-events/${nodeSegment(node)}`, nodeEventsAnswer, signal),
  };
}

/** The sidecar decodes a path on the way, so what would change it there is no name of a node. */
function nodeSegment(node: string): string {
  if (/^[\w.:-]+$/.test(node) && !/^\.+$/.test(node)) return pathSegment(node);
  throw new UpstreamError({ upstream: 'bud-cluster', code: 'not_found', detail: 'no such node' });
}
