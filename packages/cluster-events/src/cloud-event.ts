import { eventTimeFromMs, eventTimeToMs, parseEventTime, type EventTime } from './event-time.js';

/** How far ahead of our clock an event may be; one from further would outrank all that follows. */
const maxAheadMs = 24 * 3_600_000;

/** Whether a value is a JSON object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a JSON text; undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * The data of a delivered CloudEvent. Publishers send JSON as an object, as text or in base64, and
 * some put the fields beside the attributes: the message itself is its data then.
 */
export function eventData(message: Record<string, unknown>): unknown {
  const { data, data_base64: base64 } = message;
  if (typeof base64 === 'string') return parseJson(Buffer.from(base64, 'base64').toString('utf8'));
  if (typeof data === 'string') return parseJson(data);
  return data ?? message;
}

/** The CloudEvent's `time`, or `receivedAt` (Unix ms) where there is none. */
export function readEventTime(
  message: Record<string, unknown>,
  receivedAt: number,
): { ok: true; time: EventTime } | { ok: false; reason: string } {
  const text = message['time'];
  if (text === undefined || text === null || text === '')
    return { ok: true, time: eventTimeFromMs(receivedAt) };
  const time = typeof text === 'string' ? parseEventTime(text) : null;
  if (time === null) return { ok: false, reason: 'time is not an RFC 3339 date and time' };
  if (eventTimeToMs(time) > receivedAt + maxAheadMs)
    return {
      ok: false,
      reason: 'time lies more than a day ahead: the publisher has a wrong clock',
    };
  return { ok: true, time };
}
