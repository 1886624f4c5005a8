import type { ApiArguments, ApiPath, ErrorBody, streamsApi } from '@bud-monitoring/contracts';
import { readArguments, type ApiRequest } from '@bud-monitoring/contracts/calls';
import { streamRoutes } from '@bud-monitoring/contracts/routes';
import type { z } from 'zod';
import { ApiError } from './api-error.js';
import type { RequestOptions } from './client.js';
import { createSend, type ConnectionOptions, type Send } from './connection.js';
import { readEvents, type StreamPosition } from './server-sent-events.js';

/** What a stream yields: new data, or why there is none at the moment. */
export type StreamEvent<Data> =
  | { readonly data: Data; readonly error?: undefined }
  | { readonly data?: undefined; readonly error: ApiError };

/** The streams by the names of their routes. */
export type BrowserStreams = {
  readonly [Name in keyof typeof streamsApi]: (
    ...args: ApiArguments<(typeof streamsApi)[Name], RequestOptions>
  ) => AsyncGenerator<StreamEvent<z.output<(typeof streamsApi)[Name]['data']>>, void, undefined>;
};

/** Longest wait between two tries, ms. */
const maxWaitMs = 60_000;

/**
 * Streams that last: one that ends (with its token, or since the service restarts) is opened again with a token
 * of its own and from where it stood. They end by their signal or by leaving the loop, and throw the `ApiError` of a
 * request that is wrong (4xx).
 */
export function createStreams(options: ConnectionOptions): BrowserStreams {
  const send = createSend(options);
  const methodOf =
    (route: ApiPath) =>
    (...args: unknown[]) =>
      follow(send, readArguments<RequestOptions>(route, args));
  return Object.fromEntries(
    Object.entries(streamRoutes).map(([name, route]) => [name, methodOf(route)]),
  ) as unknown as BrowserStreams;
}

async function* follow(
  send: Send,
  { options, ...call }: ApiRequest<RequestOptions>,
): AsyncGenerator<StreamEvent<unknown>, void, undefined> {
  const signal = options?.signal;
  const position: StreamPosition = { lastId: undefined, retryMs: 3000 };
  let failures = 0;
  while (signal?.aborted !== true) {
    try {
      const { lastId } = position;
      const headers = {
        accept: 'text/event-stream',
        ...(lastId !== undefined && { 'last-event-id': lastId }),
      };
      const { body } = await send({ ...call, headers, signal });
      if (body === null) return;
      for await (const { event, data } of readEvents(body, position)) {
        failures = 0;
        const answer = JSON.parse(data) as { data: unknown };
        if (event === 'failure') yield { error: new ApiError(answer as unknown as ErrorBody) };
        else yield { data: answer.data };
      }
    } catch (error) {
      if (isAborted(signal)) return;
      if (!isPassing(error)) throw error;
      failures += 1;
      if (error instanceof ApiError) yield { error };
      await wait(backoffOf(error, failures, position.retryMs), signal);
      continue;
    }
    await wait(position.retryMs, signal);
  }
}

const isAborted = (signal: AbortSignal | undefined) => signal?.aborted === true;

/** Whether a failure may be over at the next try; what breaks off in the middle is no `ApiError`. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError))
    return error instanceof TypeError || error instanceof SyntaxError;
  return error.code === 0 || error.code === 408 || error.code === 429 || error.code >= 500;
}

function backoffOf(error: unknown, failures: number, retryMs: number): number {
  const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  // Jitter, so that not all pages come back at once.
  const backoff = retryMs * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
  return Math.min(maxWaitMs, Math.max(asked, backoff));
}

/** Resolves after the time, or when the signal is aborted. */
function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal?.addEventListener('abort', over);
    if (isAborted(signal)) over();
  });
}
