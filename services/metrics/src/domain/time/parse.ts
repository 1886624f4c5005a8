import { durationSeconds } from '@bud-monitoring/promql';
import { InputError } from '../input-error.js';

/** Seconds of `300`, `5m` or `1h30m`. */
export function parseStep(field: string, text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : durationSeconds(text);
  if (seconds !== undefined && seconds >= 1 && Number.isInteger(seconds)) return seconds;
  throw new InputError(
    field,
    'must be whole seconds (300) or a duration (5m, 1h30m), at least 1 s',
  );
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
