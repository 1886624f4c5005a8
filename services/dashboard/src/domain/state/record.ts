import type { EventTime } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

const eventTime = z.string().transform((text) => text as EventTime);
const eventKind = z.enum(['discovered', 'created', 'updated', 'deleted']);

const desiredSchema = z.object({
  /** The newest word on whether the cluster exists. */
  life: z.object({ state: z.enum(['living', 'deleted']), time: eventTime, kind: eventKind }),
  /** The newest word on its name, kept apart: an event without a name does not unname it. */
  name: z.object({ value: z.string(), time: eventTime, kind: eventKind }).nullable(),
  /** `removed` by request, though the cluster lives. */
  dashboards: z.enum(['wanted', 'removed']),
  sharing: z.object({ enabled: z.boolean(), expiresAt: z.number().nullable() }),
  /** Counts the new links asked for. */
  rotation: z.number(),
  /** Unix ms of our clock when any of this last changed. */
  since: z.number(),
});
/** What should be: written by events and requests alone. */
export type Desired = z.infer<typeof desiredSchema>;

export const observedDashboardSchema = z.object({
  uid: z.string(),
  version: z.number(),
  /** Of what was there right after our last write; null when that could not be read. */
  hash: z.string().nullable(),
  /** Which rendering was written. */
  revision: z.string(),
  drifted: z.boolean(),
});
export type ObservedDashboard = z.infer<typeof observedDashboardSchema>;

const observedSchema = z.object({
  /** The `target` that Grafana was last brought to. */
  target: z.string().nullable(),
  /** By template name. */
  dashboards: z.record(z.string(), observedDashboardSchema),
  share: z.object({ uid: z.string(), accessToken: z.string(), isEnabled: z.boolean() }).nullable(),
  rotation: z.number(),
});
/** What was found and left in Grafana: written by the worker alone. */
export type Observed = z.infer<typeof observedSchema>;

const workSchema = z.object({
  /** Who is changing Grafana for this cluster, until when (Unix ms). */
  lease: z.object({ holder: z.string(), until: z.number() }).nullable(),
  attempts: z.number(),
  /** Unix ms; null when nothing is due. */
  nextTry: z.number().nullable(),
  error: z
    .object({ code: z.string(), message: z.string(), lasting: z.boolean(), at: z.number() })
    .nullable(),
  /** Unix ms after which Grafana is looked at once more: a call of ours may still have been under way. */
  doubtUntil: z.number().nullable(),
  /** The last thing told to the world, so that it is told once. */
  announced: z.string().nullable(),
});
/** How the work on this cluster goes. */
export type Work = z.infer<typeof workSchema>;

/** Everything known of one cluster; one key of the state store. */
export const clusterRecordSchema = z.object({
  v: z.literal(1),
  id: clusterIdSchema,
  desired: desiredSchema,
  observed: observedSchema,
  work: workSchema,
});
export type ClusterRecord = z.infer<typeof clusterRecordSchema>;

export const nothingObserved: Observed = {
  target: null,
  dashboards: {},
  share: null,
  rotation: 0,
};

export const noWork: Work = {
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
