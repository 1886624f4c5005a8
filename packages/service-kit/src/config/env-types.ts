import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Text with at least one character. */
export function envText() {
  return z.string().min(1).meta({ kind: 'text', expected: 'a text' });
}

/** Text that an HTTP header can carry, as tokens and tenants: ASCII without blanks around it. */
export function envHeaderText() {
  return z
    .string()
    .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/)
    .meta({
      kind: 'text',
      expected: 'ASCII text without blanks around it and without line breaks, for an HTTP header',
    });
}

/** A user for basic authentication, where a colon ends the name. */
export function envUser() {
  return z
    .string()
    .regex(/^[^:]+$/)
    .meta({ kind: 'text', expected: 'a user name, without a colon in it' });
}

/** The path of a PEM file with certificates. */
export function envCertificates() {
  return z
    .string()
    .refine((path) => doesNotThrow(() => new X509Certificate(readFileSync(path))))
    .meta({ kind: 'text', expected: 'the path of a PEM file with certificates, to be read by us' });
}

/** The path of a folder. */
export function envFolder() {
  return z
    .string()
    .refine((path) => doesNotThrow(() => statSync(path)) && statSync(path).isDirectory())
    .meta({ kind: 'text', expected: 'the path of a folder, to be read by us' });
}

function doesNotThrow(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** `true`, `false`, `1` or `0`, nothing else. */
export function envBoolean() {
  return z
    .enum(['true', 'false', '1', '0'])
    .meta({ kind: 'boolean', expected: 'true, false, 1 or 0' })
    .transform((text) => text === 'true' || text === '1');
}

/** A whole number within bounds. */
export function envInteger(bounds: Bounds = {}) {
  return numberText(/^-?\d{1,15}$/, 'whole number', 'integer', bounds);
}

/** A decimal number within bounds. */
export function envNumber(bounds: Bounds = {}) {
  return numberText(/^-?\d{1,15}(\.\d{1,15})?$/, 'number', 'number', bounds);
}

/** Longest duration: a hundred years, so that a time to come is still a date. */
const longest = '36500d';

/**
 * A duration such as `500ms`, `30s`, `5m`, `2h` or `7d` within bounds, which are written so too; in
 * milliseconds once read.
 */
export function envDuration({ min = '0s', max = longest }: { min?: string; max?: string } = {}) {
  const low = min === '0s' ? '' : ` from ${min}`;
  const high = max === longest ? '' : ` up to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}(ms|s|m|h|d)$/)
    .refine((text) => durationMs(min) <= durationMs(text) && durationMs(text) <= durationMs(max))
    .meta({
      kind: 'duration',
      expected: `a duration such as 500ms, 30s, 5m, 2h or 7d${low}${high}`,
    })
    .transform(durationMs);
}

/** How long something is waited for: of no time nothing would ever come. */
export function envTimeout() {
  return envDuration({ min: '1ms', max: '1d' });
}

function durationMs(text: string): number {
  const unit = text.replace(/^\d+/, '') as keyof typeof durationUnits;
  return Number.parseInt(text, 10) * durationUnits[unit];
}

/** Items parted by commas; spaces around them do not count, empty items are refused. */
export function envList() {
  return z
    .string()
    .transform((text) => text.split(',').map((item) => item.trim()))
    .refine((items) => !items.includes(''))
    .meta({ kind: 'list', expected: 'a list parted by commas, without empty items' });
}

/** An http(s) URL without credentials, and without a query unless told; without a slash at its end once read. */
export function envUrl({ query = false } = {}) {
  const without = query ? 'user and password' : 'user, password and query';
  return z
    .string()
    .refine((text) => isPlainUrl(text, { query }))
    .meta({ kind: 'url', expected: `an http or https URL without ${without} in it` })
    .transform((text) => text.replace(/\/+$/, ''));
}

/** Several such URLs, parted by commas; spaces around them do not count. */
export function envUrls() {
  return z
    .string()
    .refine((text) => text.split(',').every((url) => isPlainUrl(url.trim())))
    .meta({
      kind: 'list',
      expected: 'http or https URLs parted by commas, without user, password and query',
    })
    .transform((text) => text.split(',').map((url) => url.trim().replace(/\/+$/, '')));
}

/**
 * `host[:port][/path]`, as Grafana's address is written, or a whole URL, whose scheme then counts; no
 * slash at its end once read.
 */
export function envAddress() {
  return z
    .string()
    .refine(isAddress)
    .meta({
      kind: 'address',
      expected: 'host[:port][/path], or an http or https URL, without user and password in it',
    })
    .transform((text) => {
      const [, scheme, address = ''] = /^(?:(https?):\/\/)?(.*?)\/*$/i.exec(text) ?? [];
      return { scheme: scheme?.toLowerCase() as 'http' | 'https' | undefined, address };
    });
}

function isAddress(text: string): boolean {
  if (/[@?#\s]/.test(text) || text.startsWith('/')) return false;
  if (/^[a-z]+:\/\//i.test(text)) return isPlainUrl(text);
  return URL.canParse(`http://${text}`);
}

function isPlainUrl(text: string, { query = false } = {}): boolean {
  // What a URL's parser would drop stays where the text itself is used.
  if (!/^https?:\/\/[^\s\p{Cc}]+$/iu.test(text) || !URL.canParse(text)) return false;
  if (!query && /[?#]/.test(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

interface Bounds {
  min?: number;
  max?: number;
}

function numberText(pattern: RegExp, noun: string, kind: string, { min, max }: Bounds) {
  const low = min === undefined ? '' : ` from ${min}`;
  const high = max === undefined ? '' : ` up to ${max}`;
  return z
    .string()
    .regex(pattern)
    .refine((text) => Number(text) >= (min ?? -Infinity) && Number(text) <= (max ?? Infinity))
    .meta({ kind, expected: `a ${noun}${low}${high}` })
    .transform(Number);
}
