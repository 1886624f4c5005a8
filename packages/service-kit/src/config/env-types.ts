import { z } from 'zod';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Text with at least one character. */
export function envText() {
  return z.string().min(1).meta({ kind: 'text', expected: 'a text' });
}

/** `true`, `false`, `1` or `0`, nothing else. */
export function envBoolean() {
  return z
    .enum(['true', 'false', '1', '0'])
    .meta({ kind: 'boolean', expected: 'true, false, 1 or 0' })
    .transform((text) => text === 'true' || text === '1');
}

/** A whole number within bounds. */
export function envInteger(bounds: { min?: number; max?: number } = {}) {
  return numberText(/^-?\d+$/, 'whole number', 'integer', bounds);
}

/** A decimal number within bounds. */
export function envNumber(bounds: { min?: number; max?: number } = {}) {
  return numberText(/^-?\d+(\.\d+)?$/, 'number', 'number', bounds);
}

/** A duration such as `500ms`, `30s`, `5m`, `2h` or `7d`; in milliseconds once read. */
export function envDuration() {
  return z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/)
    .meta({ kind: 'duration', expected: 'a duration such as 500ms, 30s, 5m, 2h or 7d' })
    .transform((text) => {
      const unit = text.replace(/^\d+/, '') as keyof typeof durationUnits;
      return Number.parseInt(text, 10) * durationUnits[unit];
    });
}

/** Items parted by commas; spaces around them do not count, empty items are refused. */
export function envList() {
  return z
    .string()
    .meta({ kind: 'list', expected: 'a list parted by commas, without empty items' })
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => items.every((item) => item !== ''));
}

/** An http(s) URL without credentials; without a slash at its end once read. */
export function envUrl() {
  return z
    .string()
    .refine((text) => {
      const url = URL.parse(text);
      return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
    })
    .meta({ kind: 'url', expected: 'an http or https URL without user and password in it' })
    .transform((text) => text.replace(/\/+$/, ''));
}

function numberText(
  pattern: RegExp,
  noun: string,
  kind: string,
  { min = -Infinity, max = Infinity }: { min?: number; max?: number },
) {
  const low = min === -Infinity ? '' : ` from ${min}`;
  const high = max === Infinity ? '' : ` up to ${max}`;
  return z
    .string()
    .regex(pattern)
    .refine((text) => Number(text) >= min && Number(text) <= max)
    .meta({ kind, expected: `a ${noun}${low}${high}` })
    .transform(Number);
}
