import type { Timers } from '../../ports.js';

/** Probes a Grafana that failed until it is up, so that nothing waits for its backoff to end. */
export interface LivenessMonitor {
  /** Grafana failed: start probing, unless a probe is under way. */
  reportFailure(): void;
  stop(): void;
}

export function createLivenessMonitor(options: {
  timers: Timers;
  intervalMs: number;
  /** Whether Grafana is up; needs no credentials; never throws. */
  isUp: () => Promise<boolean>;
  /** Called when Grafana was down and is up again. */
  onRecovered: () => void;
}): LivenessMonitor {
  const { timers, intervalMs, isUp, onRecovered } = options;
  let cancel: (() => void) | null = null;
  let probing = false;
  let stopped = false;

  async function probe(wasDown: boolean): Promise<void> {
    cancel = null;
    const up = await isUp();
    if (stopped) return;
    if (!up) {
      cancel = timers.after(intervalMs, () => void probe(true));
      return;
    }
    probing = false;
    // Up all along means that something else is wrong: then the backoff stands.
    if (wasDown) onRecovered();
  }

  return {
    reportFailure() {
      if (probing || stopped) return;
      probing = true;
      void probe(false);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
