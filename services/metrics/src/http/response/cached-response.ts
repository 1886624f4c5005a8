import type { ClusterId } from '@bud-monitoring/contracts';
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
  context: { signal: AbortSignal; now: number },
  request: Request,
  response: Response,
): Promise<void> {
  const { response: cached, hit } = await cache
    .get(cluster, key, context.signal, async (signal) => {
      const { data, complete } = await make(signal);
      return { body: { object, message, data }, isCacheable: complete };
    })
    .catch((error: unknown) => {
      throw toHttpError(error);
    });
  const { bytes } = cached;
  const zipped = bytes.length >= minCompressedBytes && request.acceptsEncodings('gzip') === 'gzip';
  const body = zipped ? await cached.gzipped() : bytes;
  if (response.headersSent) return; // the route has timed out
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', body.length);
  response.setHeader('Vary', 'Accept-Encoding');
  if (zipped) response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('X-Cache', hit ? 'hit' : 'miss');
  const age = Math.floor((context.now - cached.madeAt) / 1000);
  response.setHeader('Age', hit ? Math.max(0, age) : 0);
  response.end(body);
}
