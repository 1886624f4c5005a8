import type { Log, Timers } from '../../ports.js';
import type { Passes } from './passes.js';

/** Drives the passes: the one of the start as soon as the state store answers, then one each tick. */
export interface Ticker {
  start(): void;
  stop(): Promise<void>;
}

/** The sidecar often comes up after us. */
const retryMs = 1_000;

export function createTicker(options: {
  passes: Passes;
  timers: Timers;
  log: Log;
  everyMs: number;
}): Ticker {
  const { passes, timers, log, everyMs } = options;
  let cancel: (() => void) | null = null;
  let current: Promise<void> = Promise.resolve();
  let started = false;
  let stopped = false;

  async function turn(): Promise<void> {
    let waitMs = everyMs;
    try {
      await (started ? passes.tick() : passes.start());
      started = true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn('the search for open work failed', { reason });
      if (!started) waitMs = retryMs;
    }
    if (!stopped) cancel = timers.after(waitMs, next);
  }

  function next(): void {
    current = turn();
  }

  return {
    start: next,
    async stop() {
      stopped = true;
      cancel?.();
      await current;
    },
  };
}
