import { Readable } from 'node:stream';

import type { Dispatcher } from 'undici';

/** An answer that has begun. */
export interface Opened {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** All of a short body, else the beginning of a long one. */
  readonly first: Buffer;
  /** What follows; null where that was all. It comes in no faster than it is read. */
  readonly rest: AsyncIterable<Buffer> | null;
}

export interface Exchange {
  readonly opened: Promise<Opened>;
  /** Ends it in whatever phase it is. */
  abort(reason: Error): void;
}

/** Bytes of a body that are waited for before it counts as begun: short answers are never streams. */
const firstBytes = 64 * 1024;

/**
 * One request over undici. Below its `request()`, whose stream and async scope cost more than all the
 * rest of a small exchange.
 */
export function exchange(pool: Dispatcher, options: Dispatcher.DispatchOptions): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let aborted: Error | undefined;

  const opened = new Promise<Opened>((resolve, reject) => {
    let status = 0;
    let headers: Opened['headers'] = {};
    const pieces: Buffer[] = [];
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
      onResponseData(own, piece) {
        if (rest !== undefined) {
          if (!rest.push(piece)) own.pause();
          return;
        }
        pieces.push(piece);
        size += piece.length;
        if (size < firstBytes) return;
        rest = following(own);
        resolve({ status, headers, first: Buffer.concat(pieces), rest });
      },
      onResponseEnd() {
        if (rest === undefined) {
          resolve({ status, headers, first: Buffer.concat(pieces), rest: null });
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
    opened,
    abort(reason) {
      aborted = reason;
      controller?.abort(reason);
    },
  };
}

/** The rest of a body; who stops reading ends the exchange. */
function following(controller: Dispatcher.DispatchController): Readable {
  const stream = new Readable({
    read: () => controller.resume(),
    destroy(error, done) {
      if (!this.readableEnded) controller.abort(error ?? new Error('not read to its end'));
      done(error);
    },
  });
  return stream.on('error', () => undefined); // told to who reads, if anybody does
}
