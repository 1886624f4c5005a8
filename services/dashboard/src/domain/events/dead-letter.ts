import { createHash } from 'node:crypto';
import { eventData, isObject } from '@bud-monitoring/cluster-events';
import { clusterIdSchema, topics, type ClusterId } from '@bud-monitoring/contracts';
import { z } from 'zod';

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

/** Levels of a message that are stored; JavaScript itself cannot write some thousands as JSON. */
const maxDepth = 100;

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
  const { json, cut } = isJson ? { json: text, cut: false } : toJson(message);
  return {
    v: 1,
    id: deadLetterId(topic, message),
    topic,
    reason: reason.slice(0, 1_000),
    clusterId: clusterOf(message),
    receivedAt: now,
    replayedAt: null,
    message: json.slice(0, maxMessageLength),
    bytes: Buffer.byteLength(json),
    truncated: cut || json.length > maxMessageLength,
    ...attributesOf(message),
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
 * The same id for the same message on every route: attributes that the sidecar adds do not count. A
 * CloudEvent is identified by its source and id, Bud's messages by their content.
 */
function deadLetterId(topic: string, message: unknown): string {
  const identity = isObject(message)
    ? typeof message['id'] === 'string'
      ? [message['source'], message['id']]
      : [message['time'], message['data'] ?? message['payload'] ?? withoutAttributes(message)]
    : [message];
  const text = toJson([topic, ...identity]).json;
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The ids that a message would have on any topic: a raw message does not say which one it came on. */
export function possibleDeadLetterIds(message: unknown): string[] {
  const { clusterCreated, clusterUpdated, clusterDeleted, budAppMessages } = topics;
  return [clusterCreated, clusterUpdated, clusterDeleted, budAppMessages].map((topic) =>
    deadLetterId(topic, message),
  );
}

/** The cluster that a message names; null where it names none. */
function clusterOf(message: unknown): ClusterId | null {
  const data = isObject(message) ? eventData(message) : null;
  const id = clusterIdSchema.safeParse(isObject(data) ? data['cluster_id'] : null);
  return id.success ? id.data : null;
}

function attributesOf(message: unknown): { eventId: string | null; source: string | null } {
  const { id, source } = isObject(message) ? message : {};
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 256) : null);
  return { eventId: text(id), source: text(source) };
}

function withoutAttributes(message: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).filter(([name]) => !sidecarAttributes.has(name)),
  );
}

/** A message as JSON; `cut` where it is nested too deeply to be written whole. */
function toJson(message: unknown): { json: string; cut: boolean } {
  let cut = false;
  const upTo = (value: unknown, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (depth === 0) {
      cut = true;
      return '(nested too deeply)';
    }
    if (Array.isArray(value)) return value.map((item) => upTo(item, depth - 1));
    const entries = Object.entries(value).map(([key, item]) => [key, upTo(item, depth - 1)]);
    return Object.fromEntries(entries) as unknown;
  };
  const json = JSON.stringify(upTo(message, maxDepth)) as string | undefined;
  return { json: json ?? 'null', cut };
}
