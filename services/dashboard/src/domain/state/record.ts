import type { EventTime } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

/**
 * An object of a record. Fields that it does not name were written by a later version, and are kept
 * when the record is written again; the type does not show them.
 */
function stored<T extends z.ZodRawShape>(shape: T): z.ZodObject<T> {
  return z.looseObject(shape);
}

const eventTime = z.string().transform((text) => text as EventTime);
const eventKind = z.enum(['discovered', 'created', 'updated', 'deleted']);

const desiredSchema = stored({
  /** Whether the cluster exists, by the newest event. */
  life: stored({ state: z.enum(['living', 'deleted']), time: eventTime, kind: eventKind }),
  /** Its name by the newest event that has one, kept apart: an event without a name leaves it. */
  name: stored({ value: z.string(), time: eventTime, kind: eventKind }).nullable(),
  /** `removed` by request, though the cluster lives. */
  dashboards: z.enum(['wanted', 'removed']),
  sharing: stored({ enabled: z.boolean(), expiresAt: z.number().nullable() }),
  /** Counts the requests for a new public link. */
  rotation: z.number(),
  /** Unix ms of our clock when any of this last changed. */
  since: z.number(),
});
/** The desired state: written by events and requests alone. */
export type Desired = z.infer<typeof desiredSchema>;

export const observedDashboardSchema = stored({
  uid: z.string(),
  version: z.number(),
  /** Of what Grafana stored right after our last write; null when that could not be read. */
  hash: z.string().nullable(),
  /** Of the function that made the hash; absent where an earlier version of this service wrote it. */
  hashVersion: z.number().optional(),
  /** The revision of the rendering that was written. */
  revision: z.string(),
  drifted: z.boolean(),
  /** Where our last write put it; absent where no folder is configured. */
  folderUid: z.string().optional(),
});
export type ObservedDashboard = z.infer<typeof observedDashboardSchema>;

/** Whose templates dashboards were last written from. */
export const writerSchema = stored({
  /** The release of this service. */
  version: z.string(),
  /** Unix ms at which the process started, and read its templates. */
  startedAt: z.number(),
  /** Differs for other templates. */
  templates: z.string(),
});
export type Writer = z.infer<typeof writerSchema>;

const observedSchema = stored({
  /** The generation of the desired state that Grafana was last reconciled to. */
  target: z.string().nullable(),
  /** By template name. */
  dashboards: z.record(z.string(), observedDashboardSchema),
  share: stored({ uid: z.string(), accessToken: z.string(), isEnabled: z.boolean() }).nullable(),
  rotation: z.number(),
  /** Seconds between samples when the store last told; rates are shown over at least four times that. */
  scrapeSeconds: z.number().nullish(),
  /** How the store writes the id as label; absent where as it is. */
  labels: z.array(z.string()).optional(),
  /** Absent where an earlier version of this service wrote the dashboards. */
  writer: writerSchema.optional(),
});
/** The observed state of Grafana: written by the reconciler alone. */
export type Observed = z.infer<typeof observedSchema>;

const reconcileStateSchema = stored({
  /** Which replica may change Grafana for this cluster, until when (Unix ms). */
  lease: stored({ holder: z.string(), until: z.number() }).nullable(),
  attempts: z.number(),
  /** Unix ms at which the backoff ends; null when there is none. */
  nextTry: z.number().nullable(),
  error: z
    .object({ code: z.string(), message: z.string(), lasting: z.boolean(), at: z.number() })
    .nullable(),
  /** Unix ms until which an uncertain write may still take effect: Grafana is observed again after it. */
  doubtUntil: z.number().nullable(),
  /** The key of the last event published, so that each is published once. */
  announced: z.string().nullable(),
  /** The public link when dashboards were last published as provisioned; null where there was none. */
  announcedLink: stored({ uid: z.string(), enabled: z.boolean() }).nullish(),
});
/** Lease, retries and errors of the reconciler for this cluster. */
export type ReconcileState = z.infer<typeof reconcileStateSchema>;

/** Everything known of one cluster; one key of the state store, whose field names stay as they are. */
export const clusterRecordSchema = stored({
  v: z.literal(1),
  id: clusterIdSchema,
  desired: desiredSchema,
  observed: observedSchema,
  work: reconcileStateSchema,
});
export type ClusterRecord = z.infer<typeof clusterRecordSchema>;

/** The observed state before the first reconcile. */
export const nothingObserved: Observed = {
  target: null,
  dashboards: {},
  share: null,
  rotation: 0,
};

/** The reconcile state before the first reconcile. */
export const initialReconcileState: ReconcileState = {
  lease: null,
  attempts: 0,
  nextTry: null,
  error: null,
  doubtUntil: null,
  announced: null,
};

/** The key of a cluster's record. */
export function recordKey(id: ClusterId): string {
  return `cluster:${id}`;
}
