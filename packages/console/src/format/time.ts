const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its largest unit, with a second one where that says more: `45 s`, `2 h 5 min`, `3 d`. */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 2 * MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return joined([Math.floor(whole / HOUR), 'h'], [minutesOf(whole), 'min']);
  return joined([Math.floor(whole / DAY), 'd'], [Math.floor((whole % DAY) / HOUR), 'h']);
}

const minutesOf = (seconds: number) => Math.floor((seconds % HOUR) / MINUTE);

function joined([first, unit]: [number, string], [rest, smaller]: [number, string]): string {
  return rest === 0 || first >= 10 ? `${first} ${unit}` : `${first} ${unit} ${rest} ${smaller}`;
}

/** A moment (Unix seconds) in a zone of the IANA list: `30 Nov 2026, 14:05:09`. */
export function formatTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at * 1000);
}

/** How a zone is called at a moment: `UTC`, `GMT+5:30`. */
export function zoneName(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    timeZoneName: 'short',
  }).formatToParts(at * 1000);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone;
}

/** Seconds that a zone is ahead of UTC at a moment. */
export function zoneOffset(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at * 1000);
  const of = (wanted: string) => Number(parts.find(({ type }) => type === wanted)?.value);
  const wall = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return Math.round(wall / 1000 - Math.floor(at));
}

/** The moment (Unix seconds) of a date and time of a zone, as `<input type="datetime-local">` has it; NaN if none. */
export function fromWallTime(text: string, zone: string): number {
  const wall = Date.parse(`${text}Z`) / 1000;
  if (Number.isNaN(wall)) return NaN;
  // Twice: the offset may be another one at the moment itself.
  const near = wall - zoneOffset(zone, wall);
  return wall - zoneOffset(zone, near);
}

/** A moment as `<input type="datetime-local">` takes it, to the minute. */
export function toWallTime(at: number, zone: string): string {
  return new Date((at + zoneOffset(zone, at)) * 1000).toISOString().slice(0, 16);
}
