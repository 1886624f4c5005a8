import { runDetached, sleep } from '@bud-monitoring/client';

/** The event of one cycle; `last` ends the stream of every listener. */
export interface Frame {
  readonly bytes: Buffer;
  readonly last: boolean;
}

export interface Listener {
  /** Called for each frame; the bytes are shared and must not be changed. */
  send(bytes: Buffer): void;
  end(): void;
}

/** Produces frames in a cycle, once for all listeners of a key. */
export interface Hub {
  /**
   * Listens until the returned function is called. The first listener of a key starts its cycle,
   * the last one to leave ends it; one that joins in between gets the newest frame at once.
   */
  join(
    key: string,
    produce: (signal: AbortSignal) => Promise<Frame>,
    listener: Listener,
  ): () => void;
}

interface Cycle {
  readonly listeners: Set<Listener>;
  readonly controller: AbortController;
  newest: Buffer | null;
}

/** `produce` must not throw: a failure is a frame too. */
export function createHub({ everyMs }: { everyMs: number }): Hub {
  const cycles = new Map<string, Cycle>();

  async function run(
    cycle: Cycle,
    produce: (signal: AbortSignal) => Promise<Frame>,
  ): Promise<void> {
    const { listeners, controller } = cycle;
    const { signal } = controller;
    for (;;) {
      const { bytes, last } = await produce(signal);
      if (listeners.size === 0) return;
      cycle.newest = bytes;
      for (const listener of listeners) {
        listener.send(bytes);
        if (last) listener.end();
      }
      if (last) return;
      await sleep(everyMs, signal);
    }
  }

  return {
    join(key, produce, listener) {
      let cycle = cycles.get(key);
      if (cycle === undefined) {
        const started: Cycle = {
          listeners: new Set(),
          controller: new AbortController(),
          newest: null,
        };
        cycle = started;
        cycles.set(key, started);
        started.listeners.add(listener);
        // The first listener's leaving must not end it for the others.
        runDetached(() => run(started, produce))
          .catch(() => undefined) // no listener is left
          .finally(() => {
            if (cycles.get(key) === started) cycles.delete(key);
          });
      } else {
        cycle.listeners.add(listener);
        if (cycle.newest !== null) listener.send(cycle.newest);
      }
      const joined = cycle;
      return () => {
        joined.listeners.delete(listener);
        if (joined.listeners.size > 0) return;
        joined.controller.abort();
        if (cycles.get(key) === joined) cycles.delete(key);
      };
    },
  };
}
