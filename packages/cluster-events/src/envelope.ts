import { eventTimeFromMs, eventTimeToMs, parseEventTime, type EventTime } from './event-time.js';
import { isObject, parseJson, toBoundedJson } from './json.js';

/** How far ahead of our clock an event may be; one from further would outrank all that follows. */
const maxAheadMs = 24 * 3_600_000;

/** Envelopes and layers of text around the data of an event; more are no event's. */
const maxLayers = 8;

/** A message without its envelopes. */
export interface Unwrapped {
  /** Undefined where it is not JSON. */
  data: unknown;
  /** The objects around the data, outermost first; a flat message is its own envelope. */
  envelopes: readonly Record<string, unknown>[];
}

/**
 * Takes a delivered message out of its envelopes: a CloudEvent with its data as an object, as text or in
 * base64; a CloudEvent in the data of another, as when a publisher sends one as `application/json` or
 * raw; fields beside the attributes; no envelope at all. The message may be text as well.
 */
export function unwrap(message: unknown): Unwrapped {
  const envelopes: Record<string, unknown>[] = [];
  let value = message;
  for (let layer = 0; layer < maxLayers; layer += 1) {
    if (typeof value === 'string') {
      value = parseJson(value);
      continue;
    }
    if (!isObject(value)) return { data: value, envelopes };
    const { data, data_base64: base64, datacontentencoding: encoding, specversion } = value;
    const isCloudEvent = typeof specversion === 'string';
    if (envelopes.length === 0 || isCloudEvent) envelopes.push(value);
    // Data may have fields of these names; only the outermost envelope needs no `specversion`.
    if (envelopes.at(-1) !== value) return { data: value, envelopes };
    if (typeof base64 === 'string') value = decodeBase64(base64);
    // As CloudEvents 0.3 says it.
    else if (encoding === 'base64' && typeof data === 'string') value = decodeBase64(data);
    else if (data !== undefined && data !== null) value = data;
    else return { data: value, envelopes };
  }
  return { data: undefined, envelopes };
}

/**
 * The text that a sidecar delivers raw, in an envelope that it made for this delivery, with an id of its
 * own; undefined for any other message, and where the payload is not UTF-8.
 */
export function rawPayload(message: unknown): string | undefined {
  if (!isObject(message)) return undefined;
  const { data_base64: base64, datacontenttype: type, time } = message;
  const isRaw = typeof base64 === 'string' && type === 'application/octet-stream';
  // The envelope of a message that was published as octets has the time of that.
  return isRaw && time === undefined ? decodeBase64(base64) : undefined;
}

/** The text in base64; undefined where it is not UTF-8. */
function decodeBase64(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

/**
 * The `time` of the innermost envelope that has one: the publisher's own before the sidecar's.
 * `receivedAt` (Unix ms) where there is none.
 */
export function readEventTime(
  envelopes: Unwrapped['envelopes'],
  receivedAt: number,
): { ok: true; time: EventTime } | { ok: false; reason: string } {
  const given = attribute(envelopes, 'time');
  if (given === undefined) return { ok: true, time: eventTimeFromMs(receivedAt) };
  const time = typeof given === 'string' ? parseEventTime(given) : null;
  if (time === null) return { ok: false, reason: 'time is not an RFC 3339 date and time' };
  if (eventTimeToMs(time) > receivedAt + maxAheadMs)
    return {
      ok: false,
      reason: 'time lies more than a day ahead: the publisher has a wrong clock',
    };
  return { ok: true, time };
}

/** The attribute of the innermost envelope that has it. */
function attribute(envelopes: Unwrapped['envelopes'], name: string): unknown {
  const isGiven = (value: unknown) =>
    value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
  return envelopes.map((envelope) => envelope[name]).findLast(isGiven);
}

/** What tells a refused message from others. */
export interface MessageSummary {
  /** CloudEvent `source`; null where there is none. */
  source: string | null;
  /** CloudEvent `id`; null where there is none. */
  id: string | null;
  /** The data as JSON text, cut to 500 characters. */
  payload: string;
}

/** Characters of an attribute or of the data in a summary. */
const maxSummaryLength = 500;

/** The source, id and data of a message that may be anything. */
export function summarizeMessage(message: unknown): MessageSummary {
  const { data, envelopes } = unwrap(message);
  const text = (name: string) => {
    const value = attribute(envelopes, name);
    return typeof value === 'string' ? value.slice(0, maxSummaryLength) : null;
  };
  const payload = toBoundedJson(data === undefined ? message : data);
  return { source: text('source'), id: text('id'), payload: payload.slice(0, maxSummaryLength) };
}
