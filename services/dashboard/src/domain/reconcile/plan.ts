import type { ObservedDashboard } from '../state/record.js';
import type { JsonObject } from '../templates/json.js';
import { hashOf, holds } from './drift.js';

/** What to do about a dashboard that somebody else has changed. */
export type DriftPolicy = 'overwrite' | 'warn' | 'keep';

export interface PlanInput {
  /** What Grafana holds; null where it holds nothing. */
  current: { dashboard: JsonObject; version: number } | null;
  /** What we left there; null where we know of no write. */
  observed: ObservedDashboard | null;
  /** Which rendering is wanted. */
  revision: string;
  /** The wanted dashboard; asked for only where the revision does not tell enough. */
  wanted: () => JsonObject;
  policy: DriftPolicy;
}

/** `adopt`: it is as wanted, though we did not know. `leave`: it has drifted and the policy says so. */
export type Plan =
  | { action: 'none' }
  | { action: 'adopt'; hash: string }
  | { action: 'leave' }
  | { action: 'write'; drifted: boolean };

/**
 * What one dashboard needs. A dashboard that is gone comes back under every policy; one that is as
 * we left it takes new templates; one that is not has drifted, unless it holds what is wanted, as
 * after a write that we did not live to note.
 */
export function plan({ current, observed, revision, wanted, policy }: PlanInput): Plan {
  if (current === null) return { action: 'write', drifted: false };
  const hash = hashOf(current.dashboard);
  const untouched = observed?.hash === hash;
  if (untouched && observed.revision === revision)
    return observed.drifted || observed.version !== current.version
      ? { action: 'adopt', hash }
      : { action: 'none' };
  // Where this rendering was noted as written, what differs from the note is somebody else's.
  const noted = observed?.revision === revision && observed.hash !== null;
  if (!noted && holds(current.dashboard, wanted())) return { action: 'adopt', hash };
  if (untouched || policy === 'overwrite') return { action: 'write', drifted: !untouched };
  return { action: 'leave' };
}
