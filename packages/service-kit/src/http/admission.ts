import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** Decides at once whether a request is taken: more at work than can be served only makes all of them late. */
export interface Admission {
  /** Counts a request as at work and returns the function that ends it; undefined where it is refused. */
  enter(): (() => void) | undefined;
  readonly atWork: number;
  /** Most that may be at work at present. */
  readonly limit: number;
}

/** How long work waits before it begins, ms: in the event loop, and for its turn at an upstream. */
export interface Waits {
  loop(): number;
  upstream(): number;
}

/** The limit is looked at no more often than this (ms). */
const intervalMs = 100;
/** Waits from which on more at work means later answers and not more of them (ms). */
const longWaits = { loop: 25, upstream: 250 };
/** As many are always let in: so few cannot be what is too much. */
const least = 16;

/**
 * Lets in at most `most`. While work waits for long, the limit falls by a fifth at a time, and it rises by a tenth
 * once it does not (additive increase, multiplicative decrease, as in congestion control). A wait with little at
 * work, as of one heavy answer, changes nothing.
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

  function adjust(): void {
    const elapsed = now() - lookedAt;
    if (elapsed < intervalMs) return;
    lookedAt += elapsed;
    const isCongested = waits.loop() > longWaits.loop || waits.upstream() > longWaits.upstream;
    if (!isCongested) {
      limit = Math.min(most, Math.ceil(limit * 1.1 ** Math.min(elapsed / intervalMs, 100)));
    } else if (2 * peak >= limit) {
      limit = Math.max(Math.min(least, most), Math.floor(0.8 * Math.min(limit, peak)));
    }
    peak = atWork;
  }

  return {
    enter() {
      adjust();
      if (atWork >= limit) return undefined;
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

/** How often the event loop is timed (ms). */
const resolutionMs = 10;

/** The mean delay of the event loop of late, ms; of a loop that did not turn at all, Infinity. */
export function createLoopWait(): () => number {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let lookedAt = performance.now();
  let wait = 0;
  return () => {
    const now = performance.now();
    if (now - lookedAt < intervalMs) return wait;
    lookedAt = now;
    wait = Number.isNaN(delays.mean) ? Infinity : delays.mean / 1e6 - resolutionMs;
    delays.reset();
    return wait;
  };
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
