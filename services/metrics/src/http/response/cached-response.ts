import type { ClusterId } from '@bud-monitoring/contracts';
import type { Request, Response } from 'express';
import type { AnswerCache } from '../../adapters/cache/response-cache.js';
import { toHttpError } from './errors.js';

/** Smallest body worth compressing, bytes. */
const worthCompressing = 1024;

export interface CachedAnswer {
  readonly cache: AnswerCache;
  readonly cluster: ClusterId;
  /** Everything else that changes the answer. */
  readonly key: string;
  readonly object: string;
  readonly message: string;
  readonly make: (signal: AbortSignal) => Promise<{ data: unknown; complete: boolean }>;
}

/** Sends a kept answer or a new one, and says which; partial answers are never kept. */
export async function sendCached(
  { cache, cluster, key, object, message, make }: CachedAnswer,
  context: { signal: AbortSignal; now: number },
  request: Request,
  response: Response,
): Promise<void> {
  const { answer, hit } = await cache
    .get(cluster, key, context.signal, async (signal) => {
      const { data, complete } = await make(signal);
      return { body: { object, message, data }, keep: complete };
    })
    .catch((error: unknown) => {
      throw toHttpError(error);
    });
  const { bytes } = answer;
  const zipped = bytes.length >= worthCompressing && request.acceptsEncodings('gzip') === 'gzip';
  const body = zipped ? await answer.gzipped() : bytes;
  if (response.headersSent) return; // the route's time was over
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', body.length);
  response.setHeader('Vary', 'Accept-Encoding');
  if (zipped) response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('X-Cache', hit ? 'hit' : 'miss');
  const age = Math.floor((context.now - answer.madeAt) / 1000);
  response.setHeader('Age', hit ? Math.max(0, age) : 0);
  response.end(body);
}
