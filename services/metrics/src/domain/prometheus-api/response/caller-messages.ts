import { partialNote } from '../../../ports.js';
import type { ApiResponse } from './api-response.js';
import { hasSeriesAlone, jsonOf } from './read-response.js';

/** Warnings and infos stand behind the data; the store writes at most ten of each. */
const tailBytes = 64 * 1024;
/** Quotes inside a string of JSON are escaped, so that no data can look like this. */
const notes = [Buffer.from('"warnings":['), Buffer.from('"infos":[')];

/** What a store of several parts says of one that is away: it names servers, which callers are not told. */
const ofServers = /\brpc error: |\bAddr: |\bdial tcp /;
const stringOfJson = /"(?:[^"\\]|\\.)*"/g;

/**
 * The response with its error, warnings and infos rewritten by `toCaller`, and without names of servers; its
 * data is left as it is.
 */
export async function withCallerMessages(
  response: ApiResponse,
  toCaller: (message: string) => string = (message) => message,
): Promise<ApiResponse> {
  const { status, body } = response;
  if (status >= 400) {
    const error = await jsonOf(response);
    return { ...response, body: Buffer.from(rewritten(error, toCaller)) };
  }
  if (Buffer.isBuffer(body)) return { ...response, body: rewriteTail(body, toCaller) };
  return { ...response, body: rewriteEnd(body, toCaller) };
}

function rewritten(body: object, toCaller: (message: string) => string): string {
  return JSON.stringify(body, (key, value: unknown) => {
    if (key !== 'error' || typeof value !== 'string') return value;
    return ofServers.test(value) ? partialNote : toCaller(value);
  });
}

function rewriteTail(body: Buffer, toCaller: (message: string) => string): Buffer {
  if (hasSeriesAlone(body)) return body;
  const from = Math.max(0, body.length - tailBytes);
  const found = notes.map((note) => body.indexOf(note, from)).filter((at) => at >= 0);
  if (found.length === 0) return body;
  const start = Math.min(...found);
  const told = toCaller(body.subarray(start).toString()).replace(stringOfJson, (text) =>
    ofServers.test(text) ? JSON.stringify(partialNote) : text,
  );
  return Buffer.concat([body.subarray(0, start), Buffer.from(told)]);
}

/** As the body arrives: only its end is held back. */
async function* rewriteEnd(
  body: AsyncIterable<Buffer>,
  toCaller: (message: string) => string,
): AsyncGenerator<Buffer, void> {
  let held = Buffer.alloc(0);
  for await (const chunk of body) {
    const all = Buffer.concat([held, chunk]);
    const free = Math.max(0, all.length - tailBytes);
    if (free > 0) yield all.subarray(0, free);
    held = all.subarray(free);
  }
  if (held.length > 0) yield rewriteTail(held, toCaller);
}
