import { InputError } from '../input-error.js';

const unitSeconds: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Seconds of `300`, `5m` or `1h30m`. */
export function parseStep(field: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : durationSeconds(text);
  if (seconds !== undefined && seconds >= 1 && Number.isInteger(seconds)) return seconds;
  throw new InputError(
    field,
    'must be whole seconds (300) or a duration (5m, 1h30m), at least 1 s',
  );
}

/** Seconds of a duration such as `1h30m`; undefined for anything else. */
export function durationSeconds(text: string): number | undefined {
  if (!/^(\d+(ms|[smhdwy]))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    seconds += Number(amount) * (unitSeconds[unit] ?? 0);
  }
  return seconds;
}

/** Last second a time may name: the end of the year 9999. */
const latest = 253_402_300_799;

/** Unix seconds, cut to whole ones, of `1700000000` or of an RFC 3339 time. */
export function parseTime(field: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : rfc3339Seconds(text);
  if (seconds !== undefined && seconds >= 0 && seconds <= latest) return Math.floor(seconds);
  throw new InputError(field, 'must be Unix seconds or an RFC 3339 time (2026-01-31T08:00:00Z)');
}

/** Unix seconds of an RFC 3339 time; undefined for anything else. */
export function rfc3339Seconds(text: string): number | undefined {
  const form = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, date = '', time = '', fraction = '0', zone = ''] = match;
  const local = Date.parse(`${date}T${time}Z`);
  // Date.parse rolls 30 February over; the text it gives back then differs.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(`${date}T${time}`)) {
    return undefined;
  }
  const parsed = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(parsed) ? undefined : parsed / 1000 + Number(fraction);
}
