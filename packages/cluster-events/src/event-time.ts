/**
 * The time of an event as text in UTC whose order as text is the order in time: the date and time to
 * the second, and where the publisher gave a fraction, nine digits of it and `Z`. A number would lose
 * what publishers send after the milliseconds.
 *
 * A time of whole seconds has no fraction, so that it sorts before every finer time of its second and
 * ties with none. daprd stamps events that come without `time` so.
 */
export type EventTime = string & { readonly __brand: 'EventTime' };

/** RFC 3339 and what publishers send beside it: no zone, a zone without colon or minutes. */
const dateTime =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:[Zz]|([+-])(\d{2}):?(\d{2})?)?$/;

/** Longer texts are no times. */
const maxLength = 64;

/**
 * Reads an RFC 3339 date and time; null for anything else. Without a zone it is UTC; a leap second is
 * the second after it, as in Unix time; digits after the ninth are dropped.
 */
export function parseEventTime(text: string): EventTime | null {
  const trimmed = text.length > maxLength ? '' : text.trim();
  const [, date = '', hour, minute, second, fraction, sign, offsetHour = 0, offsetMinute = 0] =
    dateTime.exec(trimmed) ?? [];
  const day = startOfDay(date);
  const [h = 0, m = 0, s = 0, oh = 0, om = 0] = [
    hour,
    minute,
    second,
    offsetHour,
    offsetMinute,
  ].map(Number);
  if (day === null || h > 23 || m > 59 || s > 60 || oh > 23 || om > 59) return null;
  const offsetMinutes = (sign === '-' ? -1 : 1) * (oh * 60 + om);
  const iso = new Date(day + ((h * 60 + m - offsetMinutes) * 60 + s) * 1_000).toISOString();
  // Years before 0 and after 9999 would change the width.
  if (iso.length !== 24) return null;
  const toSecond = iso.slice(0, 19);
  if (fraction === undefined) return toSecond as EventTime;
  return `${toSecond}.${fraction.padEnd(9, '0').slice(0, 9)}Z` as EventTime;
}

/** Unix ms of the start of a date in UTC; null for one that is not in the calendar. */
function startOfDay(date: string): number | null {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date ? null : ms;
}

/** The event time of a Unix time in milliseconds. */
export function eventTimeFromMs(ms: number): EventTime {
  return `${new Date(ms).toISOString().slice(0, 23)}000000Z` as EventTime;
}

/** Unix milliseconds of an event time, rounded down. */
export function eventTimeToMs(time: EventTime): number {
  return Date.parse(`${time.slice(0, 23)}Z`);
}

/** Whether nothing says which of two times came first: equal, or one second of which one is whole. */
export function isTie(a: EventTime, b: EventTime): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
