import { parseJson, summarizeMessage } from '@bud-monitoring/cluster-events';
import type {
  ClusterId,
  DashboardList,
  DeadLetter as DeadLetterResponse,
  GrafanaDashboard,
} from '@bud-monitoring/contracts';
import type { DeadLetter } from '../domain/events/dead-letter.js';
import type { ClusterRecord } from '../domain/state/record.js';
import { displayName, publicLinkDesired, type SharingPolicy } from '../domain/state/desired.js';
import { UnreadableRecord } from '../domain/state/record-store.js';
import { dashboardStatus } from '../domain/state/status.js';
import { mainUidOf } from '../domain/templates/render.js';

/** What a response depends on beside the record. */
export interface ResponseOptions {
  sharing: SharingPolicy;
  /** Unix ms. */
  now: number;
  publicLinkUrl: (accessToken: string) => string;
}

const lastDateMs = 8.64e15;

/** A time of a record; one that no date has, as an earlier version took it, is the last there is. */
const iso = (ms: number) => new Date(Math.max(-lastDateMs, Math.min(ms, lastDateMs))).toISOString();

/** The status of a cluster's dashboards as the API answers it; null for a cluster that is gone. */
export function toClusterResponse(
  record: ClusterRecord,
  { sharing, now, publicLinkUrl }: ResponseOptions,
): GrafanaDashboard | null {
  const status = dashboardStatus(record, sharing, now);
  if (status === null) return null;
  const { desired, observed } = record;
  const { share } = observed;
  return {
    cluster_id: record.id,
    name: displayName(record),
    url: status === 'ready' && share?.isEnabled === true ? publicLinkUrl(share.accessToken) : null,
    uid: mainUidOf(record.id),
    status,
    dashboards: Object.entries(observed.dashboards).map(
      ([template, { uid, version, drifted }]) => ({ template, uid, version, drifted }),
    ),
    sharing: {
      enabled: publicLinkDesired(desired, sharing, now),
      expires_at: desired.sharing.expiresAt === null ? null : iso(desired.sharing.expiresAt),
    },
    ...lastErrorOf(record),
  };
}

/** The answer about a cluster of which nothing is left. */
export function toGoneResponse(id: ClusterId): GrafanaDashboard {
  return {
    cluster_id: id,
    name: id,
    url: null,
    uid: mainUidOf(id),
    status: 'disabled',
    dashboards: [],
    sharing: { enabled: false, expires_at: null },
  };
}

/** The answer about a cluster whose record cannot be read. */
export function toUnreadableResponse({ id, message }: UnreadableRecord): GrafanaDashboard {
  return { ...toGoneResponse(id), status: 'unreadable', last_error: message };
}

/** One item of the list of all clusters; null for a cluster that is deleted. */
export function toListItem(
  record: ClusterRecord | UnreadableRecord,
  options: ResponseOptions,
): DashboardList['dashboards'][number] | null {
  const cluster =
    record instanceof UnreadableRecord
      ? toUnreadableResponse(record)
      : toClusterResponse(record, options);
  if (cluster === null) return null;
  const { cluster_id, name, uid, status, dashboards, last_error, next_try } = cluster;
  return {
    cluster_id,
    name,
    uid,
    status,
    drifted: dashboards.some(({ drifted }) => drifted),
    ...(last_error !== undefined && { last_error }),
    ...(next_try !== undefined && { next_try }),
  };
}

function lastErrorOf({ work }: ClusterRecord): { last_error?: string; next_try?: string } {
  return {
    ...(work.error !== null && { last_error: work.error.message }),
    ...(work.nextTry !== null && { next_try: iso(work.nextTry) }),
  };
}

/** A dead letter as the API answers it, with what tells its message from others. */
export function toDeadLetterResponse(deadLetter: DeadLetter): DeadLetterResponse {
  const { id, topic, reason, clusterId, receivedAt, replayedAt } = deadLetter;
  const message = parseJson(deadLetter.message);
  // Of a message that was cut the first part is no JSON.
  const summary = message === undefined ? null : summarizeMessage(message);
  return {
    id,
    topic,
    reason,
    cluster_id: clusterId,
    source: deadLetter.source ?? summary?.source ?? null,
    event_id: deadLetter.eventId ?? summary?.id ?? null,
    payload: summary?.payload ?? deadLetter.message.slice(0, 500),
    received_at: iso(receivedAt),
    replayed_at: replayedAt === null ? null : iso(replayedAt),
    bytes: deadLetter.bytes ?? Buffer.byteLength(deadLetter.message),
    truncated: deadLetter.truncated ?? false,
  };
}
