import { shareBody, type BodyReader, type SharedBody } from './shared-body.js';

/** An answer of which the beginning has come. */
export interface Reply {
  readonly status: number;
  /** All of a short body, else the beginning of a long one. */
  readonly first: Buffer;
  readonly rest: AsyncIterable<Buffer> | null;
}

/** What one of those who asked is given. */
export interface Shared<R extends Reply> {
  readonly reply: R;
  /** Whether another had asked already. */
  readonly joined: boolean;
  /** Whole where it has come in already. */
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/** Answers under way: who asks the same question meanwhile gets the same answer. */
export interface Flights<R extends Reply> {
  /**
   * Joins the answer that is under way under a key, or begins it. The signal is the asker's: when all
   * who asked have left, in whatever phase, the work's own signal is aborted.
   */
  join(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<R>,
  ): Promise<Shared<R>>;
}

interface Head<R> {
  readonly reply: R;
  /** Whole where it has come in already. */
  readonly body: Buffer | SharedBody;
}

interface Flight<R> {
  readonly head: Promise<Head<R>>;
  readonly controller: AbortController;
  /** Those who wait for the head. */
  waiting: number;
}

export interface FlightOptions<R extends Reply> {
  maxBytes: number;
  windowBytes: number;
  /** Told of each answer that has come in, whole unless it is longer than the window. */
  onEnd: (reply: R, whole: Buffer | null) => void;
  /** Told of each answer that was broken off after its head. */
  onBreak: (reply: R, error: unknown) => void;
}

export function createFlights<R extends Reply>(options: FlightOptions<R>): Flights<R> {
  const { maxBytes, windowBytes, onEnd, onBreak } = options;
  const flights = new Map<string, Flight<R>>();

  function begin(key: string, work: (signal: AbortSignal) => Promise<R>): Flight<R> {
    const controller = new AbortController();
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    const abandon = () => controller.abort(new Error('nobody waits any more'));
    const head = work(controller.signal).then((reply): Head<R> => {
      const { first, rest } = reply;
      if (rest === null) {
        onEnd(reply, first);
        land();
        return { reply, body: first };
      }
      const body = shareBody({ first, rest }, { maxBytes, windowBytes, abandon });
      const end = () => {
        onEnd(reply, body.complete);
        land();
      };
      const failed = (error: unknown) => {
        onBreak(reply, error);
        land();
      };
      // Its last piece goes out first; who asks meanwhile joins.
      void body.ended.then(() => setImmediate(end), failed);
      return { reply, body };
    });
    const flight: Flight<R> = { head, controller, waiting: 0 };
    // Told to whoever waits; what else the work had begun ends with it.
    head.catch((error: unknown) => controller.abort(error));
    controller.signal.addEventListener('abort', land, { once: true });
    flights.set(key, flight);
    return flight;
  }

  return {
    async join(key, signal, work) {
      for (;;) {
        signal.throwIfAborted();
        const known = flights.get(key);
        const flight = known ?? begin(key, work);
        const { reply, body } = await headOf(flight, signal);
        const joined = known !== undefined;
        const whole = Buffer.isBuffer(body) ? body : body.complete;
        if (whole !== null) return { reply, joined, body: whole };
        const reader = (body as SharedBody).open();
        if (reader !== null) return { reply, joined, body: until(reader, signal) };
        // Too long to be shared by one who comes late.
        if (flights.get(key) === flight) flights.delete(key);
      }
    },
  };
}

/** The head, or the signal's reason; ends the flight when the last who waits for it leaves. */
function headOf<R>(flight: Flight<R>, signal: AbortSignal): Promise<Head<R>> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.controller.abort(new Error('nobody waits any more'));
      reject(signal.reason as Error);
    };
    const stay = () => signal.removeEventListener('abort', leave);
    flight.waiting += 1;
    signal.addEventListener('abort', leave, { once: true });
    flight.head.then(resolve, reject);
    flight.head.then(stay, stay);
  });
}

/** What a reader reads, until the signal is aborted. */
function until(reader: BodyReader, signal: AbortSignal): AsyncIterable<Buffer> {
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
