import { setMaxListeners } from 'node:events';

/** Does the same work once for all callers that ask for it at the same time. */
export interface SingleFlight<T> {
  /** The signal given to `work` is aborted when no caller waits for it any more. */
  do(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    // One piece of work makes many requests, and each listens.
    setMaxListeners(0, controller.signal);
    const result = work(controller.signal).finally(() => {
      if (flights.get(key)?.controller === controller) flights.delete(key);
    });
    result.catch(() => undefined); // thrown to those that wait
    const flight = { result, controller, waiting: 0 };
    flights.set(key, flight);
    return flight;
  }

  return {
    async do(key, signal, work) {
      signal.throwIfAborted();
      const known = flights.get(key);
      const flight =
        known === undefined || known.controller.signal.aborted ? start(key, work) : known;
      flight.waiting += 1;
      let leave: () => void = () => undefined;
      const leaving = new Promise<never>((_resolve, reject) => {
        leave = () => reject(signal.reason as Error);
        signal.addEventListener('abort', leave, { once: true });
      });
      try {
        return await Promise.race([flight.result, leaving]);
      } finally {
        signal.removeEventListener('abort', leave);
        flight.waiting -= 1;
        if (flight.waiting === 0) flight.controller.abort();
      }
    },
  };
}
