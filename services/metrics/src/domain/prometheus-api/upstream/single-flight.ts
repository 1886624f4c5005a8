import { shareBody, type BodyReader, type SharedBody } from './shared-body.js';
import type { UpstreamResponse } from './upstream.js';

/** What one caller of a shared request gets. */
export interface SharedResponse<R extends UpstreamResponse> {
  readonly response: R;
  /** Whether another caller had started the request. */
  readonly shared: boolean;
  /** A buffer where it has arrived whole already. */
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/**
 * Single flight for responses that stream: callers with the same key share one request and its body
 * while it is under way.
 */
export interface StreamingSingleFlight<R extends UpstreamResponse> {
  /**
   * Joins the request that is under way for a key, or starts it. The signal is the caller's own: once
   * all callers have left, in whatever phase, the signal given to `send` is aborted.
   */
  do(
    key: string,
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<R>,
  ): Promise<SharedResponse<R>>;
}

interface Head<R> {
  readonly response: R;
  /** A buffer where it has arrived whole already. */
  readonly body: Buffer | SharedBody;
}

interface Flight<R> {
  readonly head: Promise<Head<R>>;
  readonly controller: AbortController;
  /** Callers that wait for the head. */
  waiting: number;
}

export interface SingleFlightOptions<R extends UpstreamResponse> {
  maxBytes: number;
  windowBytes: number;
  /** Called for each response that has arrived, with its body unless that is longer than the window. */
  onEnd: (response: R, whole: Buffer | null) => void;
  /** Called for each response that was broken off after its head. */
  onBreak: (response: R, error: unknown) => void;
}

export function createStreamingSingleFlight<R extends UpstreamResponse>(
  options: SingleFlightOptions<R>,
): StreamingSingleFlight<R> {
  const { maxBytes, windowBytes, onEnd, onBreak } = options;
  const flights = new Map<string, Flight<R>>();

  function start(key: string, send: (signal: AbortSignal) => Promise<R>): Flight<R> {
    const controller = new AbortController();
    const remove = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    const abandon = () => controller.abort(new Error('no caller waits any more'));
    const head = send(controller.signal).then((response): Head<R> => {
      const { first, rest } = response;
      if (rest === null) {
        onEnd(response, first);
        remove();
        return { response, body: first };
      }
      const body = shareBody({ first, rest }, { maxBytes, windowBytes, abandon });
      const end = () => {
        onEnd(response, body.complete);
        remove();
      };
      const failed = (error: unknown) => {
        onBreak(response, error);
        remove();
      };
      // The last chunk goes out first; a caller that comes meanwhile joins.
      void body.ended.then(() => setImmediate(end), failed);
      return { response, body };
    });
    const flight: Flight<R> = { head, controller, waiting: 0 };
    // The error reaches those who wait; whatever else `send` had started ends with it.
    head.catch((error: unknown) => controller.abort(error));
    controller.signal.addEventListener('abort', remove, { once: true });
    flights.set(key, flight);
    return flight;
  }

  return {
    async do(key, signal, send) {
      for (;;) {
        signal.throwIfAborted();
        const known = flights.get(key);
        const flight = known ?? start(key, send);
        const { response, body } = await headOf(flight, signal);
        const shared = known !== undefined;
        const whole = Buffer.isBuffer(body) ? body : body.complete;
        if (whole !== null) return { response, shared, body: whole };
        const reader = (body as SharedBody).open();
        if (reader !== null) return { response, shared, body: readUntil(reader, signal) };
        // Its beginning is gone: this caller starts a request of its own.
        if (flights.get(key) === flight) flights.delete(key);
      }
    },
  };
}

/** The head, or the signal's reason; aborts the flight when the last caller that waits for it leaves. */
function headOf<R>(flight: Flight<R>, signal: AbortSignal): Promise<Head<R>> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.controller.abort(new Error('no caller waits any more'));
      reject(signal.reason as Error);
    };
    const stay = () => signal.removeEventListener('abort', leave);
    flight.waiting += 1;
    signal.addEventListener('abort', leave, { once: true });
    flight.head.then(resolve, reject);
    flight.head.then(stay, stay);
  });
}

/** A reader's chunks, until the signal is aborted. */
function readUntil(reader: BodyReader, signal: AbortSignal): AsyncIterable<Buffer> {
  const leave = () => reader.close();
  signal.addEventListener('abort', leave, { once: true });
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* reader;
      } finally {
        signal.removeEventListener('abort', leave);
        leave();
      }
    },
  };
}
