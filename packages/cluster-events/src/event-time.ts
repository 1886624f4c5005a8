/**
 * The time of an event as text of fixed width in UTC with nanoseconds, so that comparing two texts
 * compares two times. A number would lose what publishers in Go send after the milliseconds.
 */
export type EventTime = string & { readonly __brand: 'EventTime' };

const rfc3339 =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,18}))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339; null for anything else. Digits after the ninth are dropped. */
export function parseEventTime(text: string): EventTime | null {
  const [, date, time, fraction, zone] = rfc3339.exec(text.trim()) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return null;
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return null;
  const iso = new Date(ms).toISOString();
  // Years before 0 and after 9999 would change the width.
  if (iso.length !== 24) return null;
  return `${iso.slice(0, 19)}.${(fraction ?? '').padEnd(9, '0').slice(0, 9)}Z` as EventTime;
}

/** The event time of a Unix time in milliseconds. */
export function eventTimeFromMs(ms: number): EventTime {
  return `${new Date(ms).toISOString().slice(0, 23)}000000Z` as EventTime;
}

/** Unix milliseconds of an event time, rounded down. */
export function eventTimeToMs(time: EventTime): number {
  return Date.parse(`${time.slice(0, 23)}Z`);
}
