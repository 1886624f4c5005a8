import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** Decides at once whether a request is taken: more at work than can be served only makes all of them late. */
export interface Admission {
  /** Counts a request as at work and returns the function that ends it; undefined where it is refused. */
  enter(): (() => void) | undefined;
  /** Whether the next would be refused. */
  isFull(): boolean;
  readonly atWork: number;
  /** Most that may be at work at present. */
  readonly limit: number;
}

/** How long work waits before it begins, ms: in the event loop, and for its turn at an upstream. */
export interface Waits {
  readonly loop: () => number;
  readonly upstream: () => number;
}

/** The limit is looked at no more often than this (ms). */
const intervalMs = 100;
/** Waits from which on more at work means later answers and not more of them (ms). */
const longWaits = { loop: 25, upstream: 250 };
/** A turn of the event loop that is long for requests of many milliseconds, and for those of few (ms). */
export const longTurns = { many: 25, few: 10 };
/** A burst: waits that are over sooner change nothing, and neither does a calm that is (ms). */
const burstMs = 1000;
/** After an overload the limit rises by a fiftieth and not by a tenth, and no burst is let in, for so long (ms). */
const waryMs = 10_000;
/** As many are always let in: a page may ask for as much at once, however slow the store is. */
const least = 24;

/**
 * Lets in at most `most`. While work waits for long, and not for a burst only, the limit falls to four fifths of what is
 * at work, time and again, and it rises by a tenth once it does not (as in congestion control). After a fall it rises
 * slowly and falls at once, so that it stays near what can be served.
 */
export function createAdmission(options: {
  most: number;
  waits: Waits;
  /** ms, monotonic. */
  now?: () => number;
}): Admission {
  const { most, waits, now = () => performance.now() } = options;
  let limit = most;
  let atWork = 0;
  /** Most at work since the limit was looked at. */
  let peak = 0;
  let lookedAt = now();
  let fellAt = -Infinity;
  const lasts = createLasting();

  function adjust(): void {
    const elapsed = now() - lookedAt;
    if (elapsed < intervalMs) return;
    lookedAt += elapsed;
    const isCongested = waits.loop() > longWaits.loop || waits.upstream() > longWaits.upstream;
    const isWary = lookedAt - fellAt < waryMs;
    const isOverloaded = lasts(isCongested, lookedAt) || isWary;
    if (!isCongested) {
      const growth = (isWary ? 1.02 : 1.1) ** Math.min(elapsed / intervalMs, 100);
      limit = Math.min(most, Math.ceil(limit * growth));
    } else if (isOverloaded) {
      limit = Math.max(Math.min(least, most), Math.floor(0.8 * Math.min(limit, peak)));
      fellAt = lookedAt;
    }
    peak = atWork;
  }

  const isFull = () => {
    adjust();
    return atWork >= limit;
  };

  return {
    isFull,
    enter() {
      if (isFull()) return undefined;
      atWork += 1;
      peak = Math.max(peak, atWork);
      return () => {
        atWork -= 1;
      };
    },
    get atWork() {
      return atWork;
    },
    get limit() {
      return limit;
    },
  };
}

/** Whether something is so: it becomes so, or otherwise, once it has been for longer than a burst. */
function createLasting(): (is: boolean, now: number) => boolean {
  let state = false;
  let otherSince: number | undefined;
  return (is, now) => {
    if (is === state) otherSince = undefined;
    else if (now - (otherSince ??= now) >= burstMs) {
      state = is;
      otherSince = undefined;
    }
    return state;
  };
}

/** How often the event loop is timed (ms). */
const resolutionMs = 10;

/** The mean delay of the event loop of late, ms; of a loop that did not turn at all, Infinity. */
export function createLoopWait(): () => number {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return sampled(0, () => {
    const wait = Number.isNaN(delays.mean) ? Infinity : delays.mean / 1e6 - resolutionMs;
    delays.reset();
    return wait;
  });
}

/** What is looked at no more often than the limit is; `first` until then. */
function sampled<T>(first: T, look: () => T): () => T {
  let lookedAt = performance.now();
  let last = first;
  return () => {
    const now = performance.now();
    if (now - lookedAt < intervalMs) return last;
    lookedAt = now;
    last = look();
    return last;
  };
}

/**
 * Whether this turn of the event loop has worked for long already, on many requests and at a time when turns are long:
 * what else has arrived by now would wait for all of it. A single burst is no such time, nor is a slow machine on which
 * few ask. It is asked once for each request.
 */
export function createLongTurn(loopWait: () => number, longMs: number): () => boolean {
  let startedAt: number | undefined;
  let asked = 0;
  const lasts = createLasting();
  const end = () => {
    startedAt = undefined;
  };
  return () => {
    const now = performance.now();
    if (startedAt === undefined) {
      startedAt = now;
      asked = 0;
      setImmediate(end);
    }
    asked += 1;
    const isLong = lasts(loopWait() > longMs, now) && now - startedAt > longMs;
    return isLong && asked > least;
  };
}

/** A loop that rests for less than this share of the time has no time to spare. */
const busyShare = 0.8;

/** Whether the event loop has hardly rested of late. */
export function createBusyLoop(): () => boolean {
  let before = performance.eventLoopUtilization();
  return sampled(false, () => {
    const current = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(current, before);
    before = current;
    return utilization > busyShare;
  });
}

/** Shows limits and what is at work, by kind of route, with the metrics of the app. */
export function observeAdmission(
  registry: Registry,
  kinds: Readonly<Record<string, Admission>>,
): void {
  const gauge = (name: string, help: string, valueOf: (admission: Admission) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        for (const [kind, admission] of Object.entries(kinds))
          this.set({ kind }, valueOf(admission));
      },
    });
  gauge('http_requests_at_work', 'Requests at work.', ({ atWork }) => atWork);
  gauge(
    'http_requests_limit',
    'Most requests at work at present; more are answered 503.',
    ({ limit }) => limit,
  );
}
