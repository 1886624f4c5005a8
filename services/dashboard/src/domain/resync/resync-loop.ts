import type { Clock, Log, Timers } from '../../ports.js';
import type { Resync } from './resync.js';

/** Drives the resync: at the start as soon as the state store answers, then with each tick. */
export interface ResyncLoop {
  start(): void;
  /** Called by the cron binding, on every replica; a tick during another does nothing. */
  tick(): Promise<void>;
  /** Unix ms of the last tick, or of the start while none has come; null before that. */
  readonly lastTickAt: number | null;
  stop(): Promise<void>;
}

/** Retry of the start: the sidecar often comes up after the service. */
const retryMs = 1_000;

/** How long a start may fail before it is worth a warning. */
const patienceMs = 10_000;

/** A loop that has not started yet. */
export function createResyncLoop(options: {
  resync: Resync;
  clock: Clock;
  timers: Timers;
  log: Log;
}): ResyncLoop {
  const { resync, clock, timers, log } = options;
  let cancel: (() => void) | null = null;
  let current: Promise<void> | null = null;
  let lastTickAt: number | null = null;
  let startsSince = 0;
  let started = false;
  let stopped = false;

  async function runAlone(task: () => Promise<void>): Promise<void> {
    current = task();
    try {
      await current;
    } finally {
      current = null;
    }
  }

  async function begin(): Promise<void> {
    try {
      await runAlone(() => resync.start());
      started = true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (clock.now() - startsSince >= patienceMs) log.warn('the resync failed', { reason });
      if (!stopped) cancel = timers.after(retryMs, () => void begin());
    }
  }

  return {
    start() {
      startsSince = lastTickAt = clock.now();
      void begin();
    },
    async tick() {
      lastTickAt = clock.now();
      // The resync of the start does all that a tick does.
      if (started && !stopped && current === null) await runAlone(() => resync.tick());
    },
    get lastTickAt() {
      return lastTickAt;
    },
    async stop() {
      stopped = true;
      cancel?.();
      await current?.catch(() => undefined);
    },
  };
}
