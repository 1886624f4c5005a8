import type { ClusterId } from '@bud-monitoring/contracts';
import type { RouteContext } from '@bud-monitoring/service-kit';
import type { Request, Response } from 'express';
import type { EncodedResponseCache } from '../../adapters/cache/encoded-response-cache.js';
import { toHttpError } from './errors.js';

/** Smallest body that is compressed, bytes. */
const minCompressedBytes = 1024;

export interface CachedResponseOptions {
  readonly cache: EncodedResponseCache;
  readonly cluster: ClusterId;
  /** Everything else that the response depends on. */
  readonly key: string;
  readonly object: string;
  readonly message: string;
  readonly make: (signal: AbortSignal) => Promise<{ data: unknown; complete: boolean }>;
}

/** Sends a cached response or a new one, and says which; incomplete ones are never cached. */
export async function sendCachedResponse(
  { cache, cluster, key, object, message, make }: CachedResponseOptions,
  { context, now }: { context: Pick<RouteContext, 'signal'>; now: number },
  request: Request,
  response: Response,
): Promise<void> {
  const { response: cached, outcome } = await cache
    .get(cluster, key, context, async (signal) => {
      const { data, complete } = await make(signal);
      return { body: { object, message, data }, isCacheable: complete };
    })
    .catch((error: unknown) => {
      throw toHttpError(error);
    });
  const age = Math.max(0, Math.floor((now - cached.madeAt) / 1000));
  const isStale = outcome === 'stale';
  const bytes = isStale ? withStaleWarning(cached.bytes, age) : cached.bytes;
  const zipped =
    !isStale && bytes.length >= minCompressedBytes && request.acceptsEncodings('gzip') === 'gzip';
  const body = zipped ? await cached.gzipped() : bytes;
  if (response.headersSent) return; // the route has timed out
  response.setHeader('X-Cache', outcome);
  response.setHeader('Age', outcome === 'miss' ? 0 : age);
  if (!isStale) response.setHeader('ETag', cached.etag);
  if (!isStale && has(request.get('if-none-match'), cached.etag)) {
    response.status(304).end();
    return;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', body.length);
  response.setHeader('Vary', 'Accept-Encoding');
  if (zipped) response.setHeader('Content-Encoding', 'gzip');
  if (isStale) response.setHeader('Warning', '110 - "Response is Stale"');
  response.end(body);
}

/** Whether the caller has this response already. */
function has(known: string | undefined, etag: string): boolean {
  return known?.split(',').some((one) => one.trim() === etag) ?? false;
}

/** Headers of such a response, for the document. */
export const cachedHeaders = {
  Age: 'How old the answer is, seconds',
  ETag: 'For If-None-Match: 304 as long as the answer is the same',
  'X-Cache': '`hit`, `miss`, or `stale` while the store is away',
} as const;

/** Quotes inside a text of JSON are escaped, so that nothing but the list of warnings looks like this. */
const listOfWarnings = Buffer.from('"warnings":[');

/** The body with one warning more: it is not parsed, since it may be large. */
function withStaleWarning(bytes: Buffer, age: number): Buffer {
  const found = bytes.lastIndexOf(listOfWarnings);
  if (found < 0) return bytes;
  const at = found + listOfWarnings.length;
  const message = `The metric store cannot be reached; this answer is ${age} s old`;
  const isOnly = bytes[at] === ']'.charCodeAt(0);
  const warning = `${JSON.stringify({ code: 'stale', message })}${isOnly ? '' : ','}`;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(warning), bytes.subarray(at)]);
}
