import { day } from './time-range.js';

/** Formats of the zones that were asked for: to make one takes longer than all else that a cached answer needs. */
const formats = new Map<string, Intl.DateTimeFormat>();
/** There are some six hundred names; a format of each would be tens of megabytes. */
const maxFormats = 50;

/** Throws a `RangeError` where there is no such zone. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  if (formats.size >= maxFormats) formats.clear();
  formats.set(zone, made);
  return made;
}

/** Whether a name is a time zone of the IANA list. */
export function isTimezone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Seconds by which a time zone is ahead of UTC at a time (Unix seconds). */
export function offsetAt(zone: string, time: number): number {
  if (zone === 'UTC') return 0;
  const text = formatOf(zone)
    .formatToParts(time * 1000)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
    /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(text ?? '') ?? [];
  const ahead = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds);
  return sign === '-' ? -ahead : ahead;
}

/** The last midnight of a time zone that is not later than a time (Unix seconds). */
export function midnightBefore(zone: string, time: number): number {
  const local = time + offsetAt(zone, time);
  const midnight = local - (((local % day) + day) % day);
  // The clocks may have changed since.
  return midnight - offsetAt(zone, midnight - offsetAt(zone, time));
}
