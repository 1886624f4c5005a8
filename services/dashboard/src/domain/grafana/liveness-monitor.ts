import type { Timers } from '../../ports.js';

/** Asks a Grafana that failed whether it is back, so that nothing waits longer than it must. */
export interface Watch {
  /** Grafana failed: start asking, unless that is being done. */
  trouble(): void;
  stop(): void;
}

export function createWatch(options: {
  timers: Timers;
  everyMs: number;
  /** Whether Grafana is up; needs no credentials; never throws. */
  isUp: () => Promise<boolean>;
  /** Called once when Grafana was down and is up again. */
  onBack: () => void;
}): Watch {
  const { timers, everyMs, isUp, onBack } = options;
  let cancel: (() => void) | null = null;
  let asking = false;
  let stopped = false;

  async function ask(wasDown: boolean): Promise<void> {
    cancel = null;
    const up = await isUp();
    if (stopped) return;
    if (!up) {
      cancel = timers.after(everyMs, () => void ask(true));
      return;
    }
    asking = false;
    // Up all along means that something else is wrong: then the waits between tries stand.
    if (wasDown) onBack();
  }

  return {
    trouble() {
      if (asking || stopped) return;
      asking = true;
      void ask(false);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
