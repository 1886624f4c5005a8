import type { Clock, Log, Timers } from '../../ports.js';
import type { Passes } from './resync.js';

/** Drives the passes: the one of the start as soon as the state store answers, then one each tick. */
export interface Reconcile {
  start(): void;
  /** What the cron binding calls, on every replica; one that comes during another does nothing. */
  tick(): Promise<void>;
  /** Unix ms of the last tick, or of the start while none has come; null before that. */
  readonly lastTickAt: number | null;
  stop(): Promise<void>;
}

/** The sidecar often comes up after us. */
const retryMs = 1_000;

export function createReconcile(options: {
  passes: Passes;
  clock: Clock;
  timers: Timers;
  log: Log;
}): Reconcile {
  const { passes, clock, timers, log } = options;
  let cancel: (() => void) | null = null;
  let current: Promise<void> | null = null;
  let lastTickAt: number | null = null;
  let started = false;
  let stopped = false;

  async function alone(pass: () => Promise<void>): Promise<void> {
    current = pass();
    try {
      await current;
    } finally {
      current = null;
    }
  }

  async function begin(): Promise<void> {
    try {
      await alone(() => passes.start());
      started = true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('the search for open work failed', { reason });
      if (!stopped) cancel = timers.after(retryMs, () => void begin());
    }
  }

  return {
    start() {
      lastTickAt = clock.now();
      void begin();
    },
    async tick() {
      lastTickAt = clock.now();
      // The pass of the start does all that a tick does.
      if (started && !stopped && current === null) await alone(() => passes.tick());
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
