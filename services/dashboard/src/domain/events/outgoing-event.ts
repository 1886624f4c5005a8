import { topics, type DashboardEvent } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../state/record.js';
import { displayName, type SharingPolicy } from '../state/desired.js';
import { isReconciled } from '../state/status.js';
import { mainTemplate } from '../templates/template.js';

/** An event to publish about a cluster; `key` is equal for events that need not be published twice. */
export interface OutgoingEvent {
  key: string;
  topic: string;
  event: DashboardEvent;
}

/**
 * The event that the state of a cluster at `now` (Unix ms) calls for; null while a reconcile is pending,
 * and for the removal of dashboards that no event was published about.
 * `publicLinkUrl` makes a link of an access token; null where events must not carry it.
 */
export function outgoingEventFor(
  record: ClusterRecord,
  options: {
    sharing: SharingPolicy;
    now: number;
    publicLinkUrl: ((token: string) => string) | null;
  },
): OutgoingEvent | null {
  const { sharing, now, publicLinkUrl } = options;
  const { observed, work } = record;
  const version = observed.dashboards[mainTemplate]?.version ?? null;
  const about = {
    cluster_id: record.id,
    name: displayName(record),
    uid: record.id as string,
    version,
    time: new Date(now).toISOString(),
  };
  if (!isReconciled(record, sharing, now)) {
    if (work.error?.lasting !== true) return null;
    const { code, message } = work.error;
    return {
      key: `failed ${code}`,
      topic: topics.dashboardFailed,
      event: { ...about, reason: message },
    };
  }
  if (observed.target === 'none')
    return work.announced === null
      ? null
      : { key: 'removed', topic: topics.dashboardRemoved, event: about };
  const token = observed.share?.isEnabled === true ? observed.share.accessToken : null;
  return {
    key: `provisioned ${observed.target ?? ''} ${String(version)}`,
    topic: topics.dashboardProvisioned,
    event: {
      ...about,
      ...(publicLinkUrl !== null && token !== null && { url: publicLinkUrl(token) }),
    },
  };
}
