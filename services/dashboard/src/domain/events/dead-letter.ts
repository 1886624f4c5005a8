import { createHash } from 'node:crypto';
import {
  isObject,
  namedCluster,
  parseJson,
  rawPayload,
  summarizeMessage,
  toBoundedJson,
} from '@bud-monitoring/cluster-events';
import { clusterIdSchema, topics } from '@bud-monitoring/contracts';
import { z } from 'zod';
import { withSortedKeys, type Json } from '../templates/json.js';

/** A dead letter as it is stored. */
export const deadLetterSchema = z.looseObject({
  v: z.literal(1),
  id: z.string(),
  topic: z.string(),
  reason: z.string(),
  clusterId: clusterIdSchema.nullable(),
  /** Unix ms. */
  receivedAt: z.number(),
  replayedAt: z.number().nullable(),
  /** The message as JSON text; cut where it is too large. */
  message: z.string(),
  /** Bytes of the whole message; absent in records of earlier versions. */
  bytes: z.number().optional(),
  /** The stored message is only a part; absent in records of earlier versions. */
  truncated: z.boolean().optional(),
  /** The CloudEvent's own `id` and `source`. */
  eventId: z.string().nullish(),
  source: z.string().nullish(),
});
/** A message that was refused, with all that a replay needs. */
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** Characters of a message that are stored. */
const maxMessageLength = 256 * 1024;

/** A message that was refused; `text` is its JSON as it was delivered, where that is known. */
export interface Refused {
  topic: string;
  reason: string;
  message: unknown;
  text?: string | undefined;
}

/** A new dead letter, received at `now` (Unix ms). Never throws, whatever the message is. */
export function makeDeadLetter({ topic, reason, message, text }: Refused, now: number): DeadLetter {
  const isJson = text !== undefined && typeof message !== 'string';
  const json = isJson ? text : toBoundedJson(message);
  const { id: eventId, source } = summarizeMessage(message);
  return {
    v: 1,
    id: deadLetterId(topic, message),
    topic,
    reason: reason.slice(0, 1_000),
    clusterId: namedCluster(message),
    receivedAt: now,
    replayedAt: null,
    message: json.slice(0, maxMessageLength),
    bytes: Buffer.byteLength(json),
    truncated: json.length > maxMessageLength,
    eventId,
    source,
  };
}

/** Attributes that a sidecar adds to a delivery, so that the same message may come with and without. */
const sidecarAttributes = new Set([
  'topic',
  'pubsubname',
  'traceid',
  'traceparent',
  'tracestate',
  'expiration',
]);

/**
 * The same id for the same message on every route: neither what the sidecar adds counts, nor the order
 * of fields. Source and id do not suffice: there are publishers that give every event the same ones.
 */
function deadLetterId(topic: string, message: unknown): string {
  const bounded = JSON.parse(toBoundedJson([topic, ...identityOf(message)])) as Json;
  const text = JSON.stringify(withSortedKeys(bounded));
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function identityOf(delivered: unknown): unknown[] {
  const raw = rawPayload(delivered);
  const message = raw === undefined ? delivered : (parseJson(raw) ?? raw);
  if (!isObject(message)) return [message];
  const content = message['data'] ?? message['payload'] ?? withoutAttributes(message);
  if (typeof message['id'] === 'string') return [message['source'], message['id'], content];
  return [message['time'], content];
}

/** The ids that a message would have on any topic: a raw message does not say which one it came on. */
export function possibleDeadLetterIds(message: unknown): string[] {
  const { clusterCreated, clusterUpdated, clusterDeleted, budAppMessages } = topics;
  return [clusterCreated, clusterUpdated, clusterDeleted, budAppMessages].map((topic) =>
    deadLetterId(topic, message),
  );
}

function withoutAttributes(message: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).filter(([name]) => !sidecarAttributes.has(name)),
  );
}
