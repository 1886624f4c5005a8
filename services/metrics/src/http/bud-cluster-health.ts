import { UpstreamError } from '@bud-monitoring/client';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import type { ComponentCheck } from '@bud-monitoring/service-kit';
import type { NodeDirectory } from '../ports.js';

/** A cluster that does not exist: what counts is that there is an answer at all. */
const nobody = clusterIdSchema.parse('00000000-0000-0000-0000-000000000000');

/**
 * Whether bud-cluster answers. It may be no part of an installation: while it was never reached since the start,
 * that is `unknown`. `patienceMs` must be less than a check may take, or it would count as unhealthy.
 */
export function createBudClusterCheck(
  directory: Pick<NodeDirectory, 'nodes'>,
  { patienceMs = 3000 } = {},
): ComponentCheck {
  let wasReached = false;
  return async (signal) => {
    try {
      await directory.nodes(nobody, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
      wasReached = true;
      return { status: 'healthy', details: {} };
    } catch (error) {
      const isAway = error instanceof UpstreamError && awayCodes.includes(error.code);
      wasReached ||= !isAway;
      if (wasReached) throw error;
      return { status: 'unknown', details: { reason: 'bud-cluster was never reached' } };
    }
  };
}

// Cancelled: by our own patience.
const awayCodes: readonly UpstreamError['code'][] = [
  'unreachable',
  'timeout',
  'circuit_open',
  'cancelled',
];
