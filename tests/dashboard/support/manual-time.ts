/** A clock that advances only when told to, shared by all instances of a test environment. */
export interface ManualTime {
  now(): number;
  /** The timers of one instance, which can be dropped as those of a killed process are. */
  timers(): InstanceTimers;
  /** Advances the time, calling timers in their order; `idle` is awaited between any two. */
  advance(ms: number, idle: () => Promise<void>): Promise<void>;
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
    async advance(ms, idle) {
      const target = now + ms;
      for (;;) {
        await idle();
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
