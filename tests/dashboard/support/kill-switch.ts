/** Where an instance is cut off from the world: before a call to a neighbour, or right after it. */
export interface CutAt {
  call: number;
  when: 'before' | 'after';
}

/** Everything an instance says to the world goes through here, and can be cut off for good. */
export interface Plug {
  /** Calls that have begun, as `grafana.saveDashboard`. */
  readonly calls: readonly string[];
  /** Calls under way. */
  readonly busy: number;
  readonly dead: boolean;
  /** What the process held is gone: no call of it is answered, no timer of it fires any more. */
  kill(): void;
  onKill(callback: () => void): void;
  wrap<T extends object>(name: string, port: T): T;
  /** The result, or undefined once the instance is dead. */
  orDead<T>(work: Promise<T>): Promise<T | undefined>;
}

export function createPlug({ cutAt }: { cutAt?: CutAt } = {}): Plug {
  const calls: string[] = [];
  const callbacks: (() => void)[] = [];
  let busy = 0;
  let dead = false;
  let announce: () => void = () => undefined;
  const death = new Promise<undefined>((resolve) => (announce = () => resolve(undefined)));
  const never = () => new Promise<never>(() => undefined);

  const plug: Plug = {
    calls,
    get busy() {
      return busy;
    },
    get dead() {
      return dead;
    },
    kill() {
      if (dead) return;
      dead = true;
      callbacks.forEach((callback) => callback());
      announce();
    },
    onKill: (callback) => void callbacks.push(callback),
    orDead: (work) => Promise.race([work, death]),
    wrap<T extends object>(name: string, port: T): T {
      return new Proxy(port, {
        get(target, key, receiver) {
          const member: unknown = Reflect.get(target, key, receiver);
          if (typeof member !== 'function') return member;
          return async (...given: unknown[]) => {
            if (dead) return never();
            calls.push(`${name}.${String(key)}`);
            const cut = cutAt?.call === calls.length ? cutAt.when : null;
            if (cut === 'before') {
              plug.kill();
              return never();
            }
            busy += 1;
            try {
              return await (member as (...all: unknown[]) => Promise<unknown>).apply(target, given);
            } finally {
              busy -= 1;
              if (cut === 'after') plug.kill();
              // What a dead process asked for happened, but nobody hears of it.
              if (plug.dead) await never();
            }
          };
        },
      });
    },
  };
  return plug;
}
