import { Readable } from 'node:stream';

import type { Dispatcher } from 'undici';

/** A response whose body may still be arriving. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** All of a short body, or the beginning of a long one. */
  readonly first: Buffer;
  /** The rest of the body, with back-pressure; null where `first` is all of it. */
  readonly rest: AsyncIterable<Buffer> | null;
}

/** A request that has been sent. */
export interface InFlightRequest {
  /** Resolves when the first 256 KiB of the body, or all of it, are there. */
  readonly response: Promise<StreamedResponse>;
  /** Ends the request in any phase. */
  abort(reason: Error): void;
}

/** Bytes of a body that are buffered before the rest becomes a stream: short bodies never do, which costs less. */
const firstBytes = 256 * 1024;

/**
 * Sends one request by undici's `dispatch`. Its `request()` makes a stream and an async resource for
 * each call, which cost more than the rest of a small one.
 */
export function dispatch(pool: Dispatcher, options: Dispatcher.DispatchOptions): InFlightRequest {
  let controller: Dispatcher.DispatchController | undefined;
  let aborted: Error | undefined;

  const response = new Promise<StreamedResponse>((resolve, reject) => {
    let status = 0;
    let headers: StreamedResponse['headers'] = {};
    const chunks: Buffer[] = [];
    let size = 0;
    let rest: Readable | undefined;

    pool.dispatch(options, {
      onRequestStart(own) {
        controller = own;
        if (aborted !== undefined) own.abort(aborted);
      },
      onResponseStart(_controller, ...head) {
        [status, headers] = head;
      },
      onResponseData(own, chunk) {
        if (rest !== undefined) {
          if (!rest.push(chunk)) own.pause();
          return;
        }
        chunks.push(chunk);
        size += chunk.length;
        if (size < firstBytes) return;
        rest = restOfBody(own);
        resolve({ status, headers, first: Buffer.concat(chunks), rest });
      },
      onResponseEnd() {
        if (rest === undefined) {
          resolve({ status, headers, first: Buffer.concat(chunks), rest: null });
        } else {
          rest.push(null);
        }
      },
      onResponseError(_controller, error) {
        if (rest === undefined) reject(error);
        else rest.destroy(error);
      },
    });
  });
  return {
    response,
    abort(reason) {
      aborted = reason;
      controller?.abort(reason);
    },
  };
}

/** The rest of a body as a stream; destroying it ends the request. */
function restOfBody(controller: Dispatcher.DispatchController): Readable {
  const stream = new Readable({
    read: () => controller.resume(),
    destroy(error, done) {
      if (!this.readableEnded)
        controller.abort(error ?? new Error('response body not read to its end'));
      done(error);
    },
  });
  return stream.on('error', () => undefined); // the reader gets it, if there is one
}
