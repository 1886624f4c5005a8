import type { ObservedDashboard } from '../state/record.js';
import type { JsonObject } from '../templates/json.js';
import { contains, dashboardHash, hashVersion } from './dashboard-hash.js';

/** What to do about a dashboard that was changed in Grafana. */
export type DriftPolicy = 'overwrite' | 'warn' | 'keep';

/** What a plan is made from. */
export interface PlanInput {
  /** What Grafana has now; null where the dashboard does not exist. */
  current: { dashboard: JsonObject; version: number; folderUid: string } | null;
  /** Its state after our last write; null where none is recorded. */
  observed: ObservedDashboard | null;
  /** The revision of the desired rendering. */
  revision: string;
  /** The desired rendering; called only where the revision does not suffice. */
  rendered: () => JsonObject;
  policy: DriftPolicy;
  /** The folder where it belongs; null where any will do. */
  folderUid: string | null;
  /** The titles that the dashboard may have now. */
  titles: readonly string[];
  /** It was written by a process with newer templates, which alone may change more than the title. */
  isOfNewer: boolean;
}

/**
 * `adopt`: it is as desired, only not recorded so. `leave`: it has drifted, and the policy keeps it.
 * `retitle`: it is written as it is, but for its title.
 */
export type Plan =
  | { action: 'none' }
  | { action: 'adopt'; hash: string }
  | { action: 'leave' }
  | { action: 'retitle' }
  | { action: 'write'; drifted: boolean };

/**
 * The action that one dashboard needs. A missing dashboard is written under every policy; one that is
 * as we wrote it takes new templates; any other has drifted, unless it contains the desired rendering,
 * as after a write that was not recorded.
 */
export function planDashboard(input: PlanInput): Plan {
  const plan = planContent(input);
  const { current, observed, folderUid, policy, isOfNewer } = input;
  const isElsewhere = folderUid !== null && current !== null && current.folderUid !== folderUid;
  if (!isElsewhere || isOfNewer || (plan.action !== 'none' && plan.action !== 'adopt')) return plan;
  // It lies where we last put it: then another folder is configured now.
  const drifted = observed?.folderUid !== undefined && observed.folderUid !== current.folderUid;
  return drifted && policy !== 'overwrite' ? { action: 'leave' } : { action: 'write', drifted };
}

/** The same without regard to the folder. */
function planContent(input: PlanInput): Plan {
  const { current, observed, revision, rendered, policy } = input;
  if (current === null) return { action: 'write', drifted: false };
  if (input.isOfNewer && observed !== null)
    return {
      action:
        input.titles.includes(titleOf(current)) || isOfNewSchema(current) ? 'none' : 'retitle',
    };
  const hash = dashboardHash(current.dashboard);
  // A hash of another function says nothing; then nobody has saved since if the version is the same.
  const comparable = observed?.hashVersion === hashVersion;
  const untouched =
    observed?.hash === hash ||
    (!comparable && observed?.hash != null && observed.version === current.version);
  if (untouched && observed.revision === revision)
    return observed.drifted || observed.version !== current.version || observed.hash !== hash
      ? { action: 'adopt', hash }
      : { action: 'none' };
  // Where this rendering is recorded as written, any difference is somebody else's.
  const recorded = observed?.revision === revision && observed.hash !== null;
  const mayBeOurs = !recorded || (!comparable && !observed.drifted);
  if (mayBeOurs && contains(current.dashboard, rendered())) return { action: 'adopt', hash };
  if (untouched || policy === 'overwrite') return { action: 'write', drifted: !untouched };
  return { action: 'leave' };
}

/** Grafana 12 and later have a schema that is not written by `/api`, as somebody's edit may have left it. */
function isOfNewSchema({ dashboard }: { dashboard: JsonObject }): boolean {
  return 'elements' in dashboard;
}

function titleOf({ dashboard }: { dashboard: JsonObject }): string {
  return typeof dashboard['title'] === 'string' ? dashboard['title'] : '';
}
