import { nextBracket, opens } from '../../brackets.js';
import { InputError } from '../../input-error.js';
import { LimitExceeded } from '../request/limits.js';
import type { ApiResponse } from './api-response.js';
import { parseInTurns, printInTurns } from '../../turns/json.js';

/** The store's response is not what its API defines. */
export class InvalidUpstreamResponse extends Error {
  override readonly name = 'InvalidUpstreamResponse';
}

/** The store has no such endpoint. */
export class UnsupportedByStore extends Error {
  override readonly name = 'UnsupportedByStore';
}

/** A successful response; throws `InvalidUpstreamResponse` for any other. */
export async function successOf(
  response: ApiResponse,
): Promise<{ data: unknown; warnings: readonly string[] }> {
  const { data, warnings = [] } = (await jsonOf(response)) as {
    data?: unknown;
    warnings?: readonly string[];
  };
  if (response.status === 200) return { data, warnings };
  throw new InvalidUpstreamResponse(`The store answered ${response.status}`);
}

/** The JSON object of a response, whatever its status; throws `InvalidUpstreamResponse`. */
export async function jsonOf({ body }: ApiResponse): Promise<object> {
  const chunks: Buffer[] = [];
  if (Buffer.isBuffer(body)) chunks.push(body);
  else for await (const chunk of body) chunks.push(chunk);
  try {
    const parsed = await parseInTurns(Buffer.concat(chunks));
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // thrown below
  }
  throw new InvalidUpstreamResponse('The store answered what is no JSON object');
}

/** The response with its data mapped, and `further` warnings beside its own; an error is left as it is. */
export async function mapData(
  response: ApiResponse,
  map: (data: unknown) => Promise<unknown>,
  further: readonly string[] = [],
): Promise<ApiResponse> {
  if (response.status !== 200) return response;
  const { data, warnings } = await successOf(response);
  try {
    const all = [...new Set([...warnings, ...further])];
    const notes = all.length === 0 ? {} : { warnings: all };
    const answer = { status: 'success', data: await map(data ?? {}), ...notes };
    return { ...response, body: await printInTurns(answer) };
  } catch (error) {
    if (error instanceof InputError || error instanceof LimitExceeded) throw error;
    throw new InvalidUpstreamResponse('The store answered data of another form', { cause: error });
  }
}

/**
 * Whether a body is a whole JSON object: one that was cut off where a proxy ended it cleanly is not. Quotes,
 * braces and brackets are paired; what stands between them is not looked at.
 */
export function isWholeObject(body: Buffer): boolean {
  if (hasSeriesAlone(body)) return true;
  if (body[0] !== brace) return false;
  let depth = 0;
  for (let at = 0; at >= 0; at = nextBracket(body, at + 1)) {
    depth += opens(body[at]) ? 1 : -1;
    if (depth === 0) return isBlank(body.subarray(at + 1));
  }
  return false;
}

/** How most responses begin. */
const seriesBegin = /^\{"status":"success","data":\{"resultType":"(?:vector|matrix)","result":\[\{/;
/** The end of a value, of its series and of all: a quote behind a letter or digit ends a string. */
const seriesEnd = /[0-9A-Za-z]"\]{1,2}\}\]\}\}\n?$/;
const [beginBytes, endBytes] = [80, 12];

/**
 * Whether a body is whole, and a result with series and nothing beside it, such as warnings: told by its two ends
 * as Prometheus writes them. False says nothing.
 */
export function hasSeriesAlone(body: Buffer): boolean {
  return (
    seriesEnd.test(body.toString('latin1', Math.max(0, body.length - endBytes))) &&
    seriesBegin.test(body.toString('latin1', 0, beginBytes))
  );
}

const isBlank = (body: Buffer) => body.toString('latin1').trim() === '';

const [brace] = Buffer.from('{');
