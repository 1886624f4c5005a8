import type { ClusterState, EventTime } from '@bud-monitoring/cluster-events';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { ClusterRecord } from '../../ports.js';

/** The version of the records that are written. */
export const recordVersion = 1;

const stamp = {
  time: z.string().transform((text) => text as EventTime),
  kind: z.enum(['discovered', 'created', 'updated', 'deleted']),
};
const eventsSchema: z.ZodType<ClusterState> = z.looseObject({
  life: z.looseObject({ ...stamp, state: z.enum(['living', 'deleted']) }),
  name: z.looseObject({ ...stamp, value: z.string() }).nullable(),
});

/** What a later version adds is kept; records of the first versions have no `v`. */
const recordSchema: z.ZodType<ClusterRecord> = z.looseObject({
  v: z.literal(recordVersion).optional(),
  clusterId: clusterIdSchema,
  state: z.enum(['present', 'deleted']),
  name: z.string().nullable(),
  time: z.number(),
  events: eventsSchema.optional(),
});

/** The record in a stored value; `null` where it cannot be read. */
export function parseRecord(value: unknown): ClusterRecord | null {
  return recordSchema.safeParse(value).data ?? null;
}

/** Whether a value that cannot be read is a later version's, and not damaged: it is left as it is. */
export function isOfLaterVersion(value: unknown): boolean {
  const version = z.looseObject({ v: z.number() }).safeParse(value).data?.v;
  return version !== undefined && version > recordVersion;
}
