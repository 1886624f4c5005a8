import { setMaxListeners } from 'node:events';

/** The lifecycle state of a service. */
export interface Lifecycle {
  readonly state: 'starting' | 'running' | 'stopping';
  /** Aborted when stopping begins. */
  readonly stopping: AbortSignal;
  markRunning(): void;
  markStopping(): void;
}

export function createLifecycle(): Lifecycle {
  const controller = new AbortController();
  // Every open stream adds a listener.
  setMaxListeners(0, controller.signal);
  let state: Lifecycle['state'] = 'starting';
  return {
    get state() {
      return state;
    },
    stopping: controller.signal,
    markRunning: () => {
      if (state === 'starting') state = 'running';
    },
    markStopping: () => {
      state = 'stopping';
      controller.abort();
    },
  };
}
