import { createHash } from 'node:crypto';
import { isObject, toBoundedJson, unwrap } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

/** A dead letter as it is stored. */
export const deadLetterSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  topic: z.string(),
  reason: z.string(),
  clusterId: clusterIdSchema.nullable(),
  /** Unix ms. */
  receivedAt: z.number(),
  replayedAt: z.number().nullable(),
  /** The message as JSON text. */
  message: z.string(),
});
/** A message that was refused, with all that a replay needs. */
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/**
 * The same id for the same message on every route: attributes that the sidecar adds do not count. A
 * CloudEvent is identified by its source and id, Bud's messages by their content.
 */
export function deadLetterId(topic: string, message: unknown): string {
  const identity = isObject(message)
    ? typeof message['id'] === 'string'
      ? [message['source'], message['id']]
      : [message['time'], message['data'] ?? message['payload'] ?? message]
    : [message];
  const text = toBoundedJson([topic, ...identity]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The cluster that a message names; null where it names none. */
export function clusterOf(message: unknown): ClusterId | null {
  const { data } = unwrap(message);
  const id = clusterIdSchema.safeParse(isObject(data) ? data['cluster_id'] : null);
  return id.success ? id.data : null;
}
