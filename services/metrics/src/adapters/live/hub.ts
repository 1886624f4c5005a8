import { runDetached, sleep } from '@bud-monitoring/client';

/** The event of one cycle; `last` ends the stream of every listener. */
export interface Frame {
  readonly bytes: Buffer;
  /** The same as long as nothing has changed: it is not sent again then. Null for a frame that always is. */
  readonly id: string | null;
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
   * the last one to leave ends it; one that joins in between gets the newest frame at once. A listener that
   * has a frame already, by its `lastId`, does not get it again.
   */
  join(
    key: string,
    produce: (signal: AbortSignal) => Promise<Frame>,
    listener: Listener,
    lastId?: string,
  ): () => void;
}

interface Cycle {
  /** With the id of the frame that each has. */
  readonly listeners: Map<Listener, string | null>;
  readonly controller: AbortController;
  newest: Frame | null;
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
      const frame = await produce(signal);
      if (listeners.size === 0) return;
      cycle.newest = frame;
      for (const listener of listeners.keys()) {
        give(cycle, listener, frame);
        if (frame.last) listener.end();
      }
      if (frame.last) return;
      await sleep(everyMs, signal);
    }
  }

  function give({ listeners }: Cycle, listener: Listener, { bytes, id }: Frame): void {
    if (id !== null && listeners.get(listener) === id) return;
    listeners.set(listener, id);
    listener.send(bytes);
  }

  return {
    join(key, produce, listener, lastId) {
      let cycle = cycles.get(key);
      if (cycle === undefined) {
        const started: Cycle = {
          listeners: new Map(),
          controller: new AbortController(),
          newest: null,
        };
        cycle = started;
        cycles.set(key, started);
        started.listeners.set(listener, lastId ?? null);
        // The first listener's leaving must not end it for the others.
        runDetached(() => run(started, produce))
          .catch(() => undefined) // no listener is left
          .finally(() => {
            if (cycles.get(key) === started) cycles.delete(key);
          });
      } else {
        cycle.listeners.set(listener, lastId ?? null);
        if (cycle.newest !== null) give(cycle, listener, cycle.newest);
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
