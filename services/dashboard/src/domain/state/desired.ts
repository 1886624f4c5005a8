import { eventTimeToMs } from '@bud-monitoring/cluster-events';
import type { ClusterRecord, Desired } from './record.js';

/** Whether dashboards may have public links at all. */
export interface SharingPolicy {
  allowed: boolean;
}

/** Whether the dashboards of this cluster are desired. */
export function dashboardsDesired({ life, dashboards }: Desired): boolean {
  return life.state === 'living' && dashboards === 'wanted';
}

/** Whether a public link that works is desired at `now` (Unix ms). */
export function publicLinkDesired(desired: Desired, policy: SharingPolicy, now: number): boolean {
  const { enabled, expiresAt } = desired.sharing;
  return (
    dashboardsDesired(desired) &&
    policy.allowed &&
    enabled &&
    (expiresAt === null || now < expiresAt)
  );
}

/** The name to show: the cluster's id until an event names it. */
export function displayName({ id, desired }: Pick<ClusterRecord, 'id' | 'desired'>): string {
  return desired.name?.value ?? id;
}

/** The name that an event gave to a living cluster, and when (Unix ms); null where there is none. */
export function givenName({
  desired: { life, name },
}: Pick<ClusterRecord, 'desired'>): { value: string; time: number } | null {
  if (name === null || life.state === 'deleted') return null;
  return { value: name.value, time: eventTimeToMs(name.time) };
}
