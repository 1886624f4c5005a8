import { topics, type DashboardEvent } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../state/record.js';
import { displayName, type SharingPolicy } from '../state/desired.js';
import { isReconciled } from '../state/status.js';
import { mainUidOf } from '../templates/render.js';
import { mainTemplate } from '../templates/template.js';

/** An event to publish about a cluster. */
export interface OutgoingEvent {
  /** Equal for events of one content, but for the link. */
  key: string;
  /** It was not published yet. */
  isNew: boolean;
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
    uid: mainUidOf(record.id),
    version,
    time: new Date(now).toISOString(),
  };
  if (!isReconciled(record, sharing, now)) {
    if (work.error?.lasting !== true) return null;
    const { code, message } = work.error;
    const key = `failed ${code}`;
    return {
      key,
      isNew: key !== work.announced,
      topic: topics.dashboardFailed,
      event: { ...about, reason: message },
    };
  }
  if (observed.target === 'none')
    return work.announced === null
      ? null
      : { key: 'removed', isNew: true, topic: topics.dashboardRemoved, event: about };
  const token = observed.share?.isEnabled === true ? observed.share.accessToken : null;
  const key = `provisioned ${observed.target ?? ''} ${String(version)}`;
  const link = linkChange(record, now);
  // Records of earlier versions do not say which link was published.
  const linkIsNew = work.announcedLink !== undefined && link !== 'unchanged';
  return {
    key,
    isNew: key !== work.announced || linkIsNew,
    topic: topics.dashboardProvisioned,
    event: {
      ...about,
      link,
      ...(publicLinkUrl !== null && token !== null && { url: publicLinkUrl(token) }),
    },
  };
}

/** What happened to the public link since it was last published, for a cluster that is reconciled. */
function linkChange(
  { desired, observed, work }: ClusterRecord,
  now: number,
): NonNullable<DashboardEvent['link']> {
  const after = observed.share;
  const before = work.announcedLink === undefined ? linkInKey(work.announced) : work.announcedLink;
  if (after?.isEnabled !== true) {
    if (before?.enabled !== true) return 'unchanged';
    const { enabled, expiresAt } = desired.sharing;
    return enabled && expiresAt !== null && expiresAt <= now ? 'ended' : 'disabled';
  }
  if (before === null) return 'created';
  if (before.uid !== null && before.uid !== after.uid) return 'rotated';
  return before.enabled ? 'unchanged' : 'enabled';
}

/** The link that the key of an event by an earlier version tells of; its uid is not known. */
function linkInKey(key: string | null): { uid: null; enabled: boolean } | null {
  if (key?.startsWith('provisioned ') !== true) return null;
  return { uid: null, enabled: key.startsWith('provisioned link ') };
}
