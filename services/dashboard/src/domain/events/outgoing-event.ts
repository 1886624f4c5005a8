import { topics, type DashboardEvent } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../state/record.js';
import { isSettled, nameOf, type SharingPolicy } from '../state/desired.js';
import { mainTemplate } from '../templates/template.js';

/** What the world is to be told of a cluster; `key` is equal for what need not be told twice. */
export interface Announcement {
  key: string;
  topic: string;
  event: DashboardEvent;
}

/**
 * The announcement that the state of a cluster calls for; null while it is being worked on, and for
 * a removal of what nobody was told of.
 */
export function announcementOf(
  record: ClusterRecord,
  options: { sharing: SharingPolicy; now: number; linkOf: ((token: string) => string) | null },
): Announcement | null {
  const { sharing, now, linkOf } = options;
  const { observed, work } = record;
  const version = observed.dashboards[mainTemplate]?.version ?? null;
  const about = {
    cluster_id: record.id,
    name: nameOf(record),
    uid: record.id as string,
    version,
    time: new Date(now).toISOString(),
  };
  if (!isSettled(record, sharing, now)) {
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
    event: { ...about, ...(linkOf !== null && token !== null && { url: linkOf(token) }) },
  };
}
