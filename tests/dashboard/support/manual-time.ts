/** Time that stands still until it is moved, shared by all instances of a world. */
export interface ManualTime {
  now(): number;
  /** A set of timers that can be thrown away whole, as a process's are when it dies. */
  timers(): InstanceTimers;
  /** Moves on, calling what becomes due in its order; `quiet` is awaited between any two. */
  advance(ms: number, quiet: () => Promise<void>): Promise<void>;
}

export interface InstanceTimers {
  after(ms: number, callback: () => void): () => void;
  drop(): void;
}

interface Timer {
  at: number;
  callback: () => void;
}

export function createManualTime(start: number): ManualTime {
  let now = start;
  const all = new Set<Timer>();

  return {
    now: () => now,
    timers() {
      const own = new Set<Timer>();
      return {
        after(ms, callback) {
          const timer = { at: now + ms, callback };
          own.add(timer);
          all.add(timer);
          return () => all.delete(timer);
        },
        drop: () => own.forEach((timer) => all.delete(timer)),
      };
    },
    async advance(ms, quiet) {
      const target = now + ms;
      for (;;) {
        await quiet();
        const [next] = [...all].filter(({ at }) => at <= target).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        all.delete(next);
        now = Math.max(now, next.at);
        next.callback();
      }
      now = target;
    },
  };
}
