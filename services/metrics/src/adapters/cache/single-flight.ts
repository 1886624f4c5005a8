import { setMaxListeners } from 'node:events';

/** Runs the same work once for all who ask for it at the same time. */
export interface Flights<T> {
  /** The work gets a signal that is aborted when nobody waits for it any more. */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>();

  function take(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    // One answer is many requests, and each listens.
    setMaxListeners(0, controller.signal);
    const result = work(controller.signal).finally(() => {
      if (flights.get(key)?.controller === controller) flights.delete(key);
    });
    result.catch(() => undefined); // told to whoever waits
    const flight = { result, controller, waiting: 0 };
    flights.set(key, flight);
    return flight;
  }

  return {
    async run(key, signal, work) {
      signal.throwIfAborted();
      const known = flights.get(key);
      const flight =
        known === undefined || known.controller.signal.aborted ? take(key, work) : known;
      flight.waiting += 1;
      let left: () => void = () => undefined;
      const leaving = new Promise<never>((_resolve, reject) => {
        left = () => reject(signal.reason as Error);
        signal.addEventListener('abort', left, { once: true });
      });
      try {
        return await Promise.race([flight.result, leaving]);
      } finally {
        signal.removeEventListener('abort', left);
        flight.waiting -= 1;
        if (flight.waiting === 0) flight.controller.abort();
      }
    },
  };
}
