import type { HttpResponse } from './http-client.js';

export interface Credentials {
  /** Bearer token; goes before user name and password. */
  token?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
}

/** The `authorization` header of the credentials; none without them. */
export function authorization({ token, username, password }: Credentials): Record<string, string> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (username === undefined) return {};
  const pair = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** Seconds to wait by the response's `Retry-After` (seconds or a date), `undefined` without a valid one. `now` in Unix milliseconds. */
export function retryAfter(
  { headers }: Pick<HttpResponse, 'headers'>,
  now: number,
): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}
