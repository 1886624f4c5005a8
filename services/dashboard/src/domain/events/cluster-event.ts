import { clusterEventDataSchema, type ClusterId } from '@bud-monitoring/contracts';
import { eventTimeOf, msOf, parseEventTime, type EventTime } from './event-time.js';

/** `discovered` is not heard but seen: the cluster's label is in the store. */
export type ClusterEventKind = 'discovered' | 'created' | 'updated' | 'deleted';

/** Something that happened to a cluster, in the order of its time. */
export interface ClusterEvent {
  kind: ClusterEventKind;
  clusterId: ClusterId;
  name: string | null;
  time: EventTime;
}

/** What a delivered message means: an event, nothing to us, or something that cannot be read. */
export type Reading =
  { kind: 'event'; event: ClusterEvent } | { kind: 'none' } | { kind: 'malformed'; reason: string };

export const malformed = (reason: string): Reading => ({ kind: 'malformed', reason });

/** How far ahead of our clock an event may be; one from further would outrank all that follows. */
const maxAheadMs = 24 * 3_600_000;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The data of a delivered CloudEvent. Publishers send JSON as an object, as text or in base64, and
 * some put the fields beside the attributes: the message itself is its data then.
 */
export function dataOf(message: Record<string, unknown>): unknown {
  const { data, data_base64: base64 } = message;
  if (typeof base64 === 'string') return parseJson(Buffer.from(base64, 'base64').toString('utf8'));
  if (typeof data === 'string') return parseJson(data);
  return data ?? message;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The CloudEvent's `time`, or `receivedAt` (Unix ms) where there is none. */
export function timeOf(
  message: Record<string, unknown>,
  receivedAt: number,
): { ok: true; time: EventTime } | { ok: false; reason: string } {
  const text = message['time'];
  if (text === undefined || text === null || text === '')
    return { ok: true, time: eventTimeOf(receivedAt) };
  const time = typeof text === 'string' ? parseEventTime(text) : null;
  if (time === null) return { ok: false, reason: 'time is not an RFC 3339 date and time' };
  if (msOf(time) > receivedAt + maxAheadMs)
    return {
      ok: false,
      reason: 'time lies more than a day ahead: the publisher has a wrong clock',
    };
  return { ok: true, time };
}

/** Characters of a name that are kept; a title shows 150. */
const longestName = 1_000;

/** A name as it is kept: without blanks around it, null where nothing is left. */
export function cleanName(text: unknown): string | null {
  if (typeof text !== 'string') return null;
  const name = Array.from(text.slice(0, 2 * longestName).trim())
    .slice(0, longestName)
    .join('');
  return name === '' ? null : name;
}

/** Reads a message of `cluster-created`, `cluster-updated` or `cluster-deleted`. */
export function readClusterEvent(
  kind: ClusterEventKind,
  message: unknown,
  receivedAt: number,
): Reading {
  if (!isObject(message)) return malformed('the message is not a JSON object');
  const data = clusterEventDataSchema.safeParse(dataOf(message));
  if (!data.success) {
    const [issue] = data.error.issues;
    return malformed(
      `data${issue?.path.map((key) => `.${String(key)}`).join('') ?? ''}: ${issue?.message ?? 'invalid'}`,
    );
  }
  const time = timeOf(message, receivedAt);
  if (!time.ok) return malformed(time.reason);
  return {
    kind: 'event',
    event: {
      kind,
      clusterId: data.data.cluster_id,
      name: cleanName(data.data.name),
      time: time.time,
    },
  };
}
