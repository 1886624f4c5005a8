import { isNativeError } from 'node:util/types';

const redacted = '[redacted]';
const secretName =
  /token|authorization|passw(or)?d|secret|cookie|api[-_]?key|private[-_]?key|credential/i;
const longestText = 4000;
const deepest = 6;

/** Secrets in a text: a cheap test for one, and a pattern that keeps its first group. */
const secretTexts: readonly (readonly [sign: string, pattern: RegExp])[] = [
  ['://', /(:\/\/)[^\s/?#"'<>]+(?=@)/g], // URL userinfo
  ['bearer |basic ', /\b(Bearer |Basic )[\w.~+/-]{6,}=*/gi],
  ['eyJ', /()\beyJ[\w-]+\.[\w-]+\.[\w-]*/g], // a JWT wherever it stands
  ['gl(?:sa|c)_', /()\bgl(?:sa|c)_\w+/g], // Grafana's own tokens
  ['public-dashboards', /(\/public-dashboards\/)[0-9a-f]{8,}/gi], // who has the link is let in
  ['[?&]', /([?&][\w-]{0,40}(?:token|password|secret|key|sig|signature)=)[^&\s"'#]+/gi],
];
/** Fast path: nearly every text passes none of the tests, and every field of every line is checked. */
const anySign = new RegExp(secretTexts.map(([sign]) => sign).join('|'), 'i');

/** The text without credentials: URL userinfo, bearer tokens, public links, secret query parameters. */
export function redactText(text: string): string {
  const cut = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  if (!anySign.test(cut)) return cut;
  return secretTexts.reduce((safe, [, pattern]) => safe.replace(pattern, `$1${redacted}`), cut);
}

/**
 * A copy that is safe to log: fields named like a secret are redacted, texts are cleaned, errors
 * become `{name, message, code, stack}` (a whole axios error would carry headers and URLs).
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[too deep]';
  if (isNativeError(value) || value instanceof DOMException) return errorFields(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value) || value instanceof Set) {
    return [...value].map((item) => redact(item, depth + 1));
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [String(name), redactField(String(name), item, depth + 1)]),
  );
}

/** Field names are few and come again in every line: the verdict on so many of them is cached. */
const judged = new Map<string, boolean>();
const mostJudged = 1000;

function isSecret(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const secret = secretName.test(name);
  if (judged.size < mostJudged) judged.set(name, secret);
  return secret;
}

/** As `redact`; redacted whole where the name is that of a secret. */
export function redactField(name: string, value: unknown, depth: number): unknown {
  const tellsNothing = value === null || value === undefined || typeof value === 'boolean';
  return !tellsNothing && isSecret(name) ? redacted : redact(value, depth);
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const { code, detail } = error as Error & { code?: unknown; detail?: unknown };
  return {
    name: error.name,
    message: redactText(error.message),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof detail === 'string' && { detail: redactText(detail) }),
    ...(error.stack !== undefined && { stack: redactText(error.stack) }),
    ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
  };
}
