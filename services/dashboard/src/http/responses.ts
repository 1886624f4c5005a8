import type { DashboardList, DeadLetter, GrafanaDashboard } from '@bud-monitoring/contracts';
import type { Letter } from '../domain/events/dead-letters.js';
import type { ClusterRecord } from '../domain/state/record.js';
import { nameOf, statusOf, wantsLink, type SharingPolicy } from '../domain/state/desired.js';

export interface PresentOptions {
  sharing: SharingPolicy;
  /** Unix ms. */
  now: number;
  linkOf: (accessToken: string) => string;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Where the dashboards of a cluster stand; null for a cluster that is gone. */
export function presentCluster(
  record: ClusterRecord,
  { sharing, now, linkOf }: PresentOptions,
): GrafanaDashboard | null {
  const status = statusOf(record, sharing, now);
  if (status === null) return null;
  const { desired, observed } = record;
  const { share } = observed;
  return {
    cluster_id: record.id,
    name: nameOf(record),
    url: status === 'ready' && share?.isEnabled === true ? linkOf(share.accessToken) : null,
    uid: record.id,
    status,
    dashboards: Object.entries(observed.dashboards).map(
      ([template, { uid, version, drifted }]) => ({ template, uid, version, drifted }),
    ),
    sharing: {
      enabled: wantsLink(desired, sharing, now),
      expires_at: desired.sharing.expiresAt === null ? null : iso(desired.sharing.expiresAt),
    },
    ...troubleOf(record),
  };
}

/** One row of the list of all clusters. */
export function presentRow(
  record: ClusterRecord,
  options: PresentOptions,
): DashboardList['dashboards'][number] | null {
  const cluster = presentCluster(record, options);
  if (cluster === null) return null;
  const { cluster_id, name, uid, status, dashboards } = cluster;
  const drifted = dashboards.some((dashboard) => dashboard.drifted);
  return { cluster_id, name, uid, status, drifted, ...troubleOf(record) };
}

function troubleOf({ work }: ClusterRecord): { last_error?: string; next_try?: string } {
  return {
    ...(work.error !== null && { last_error: work.error.message }),
    ...(work.nextTry !== null && { next_try: iso(work.nextTry) }),
  };
}

export function presentLetter(letter: Letter): DeadLetter {
  const { id, topic, reason, clusterId, receivedAt, replayedAt } = letter;
  return {
    id,
    topic,
    reason,
    cluster_id: clusterId,
    received_at: iso(receivedAt),
    replayed_at: replayedAt === null ? null : iso(replayedAt),
  };
}
