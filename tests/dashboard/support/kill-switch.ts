/** Where an instance is killed: before a call of a port, or right after it. */
export interface CutAt {
  call: number;
  when: 'before' | 'after';
}

/** Wraps the ports of an instance, so that it can be killed at any call. */
export interface KillSwitch {
  /** Calls that have begun, as `grafana.saveDashboard`. */
  readonly calls: readonly string[];
  /** Calls under way. */
  readonly busy: number;
  readonly killed: boolean;
  /** Kills the instance: no call of it is answered, no timer of it fires any more. */
  kill(): void;
  onKill(callback: () => void): void;
  wrap<T extends object>(name: string, port: T): T;
  /** The result, or undefined once the instance is killed. */
  orKilled<T>(work: Promise<T>): Promise<T | undefined>;
}

export function createKillSwitch({ cutAt }: { cutAt?: CutAt } = {}): KillSwitch {
  const calls: string[] = [];
  const callbacks: (() => void)[] = [];
  let busy = 0;
  let killed = false;
  let notifyKilled: () => void = () => undefined;
  const whenKilled = new Promise<undefined>((resolve) => (notifyKilled = () => resolve(undefined)));
  const never = () => new Promise<never>(() => undefined);

  const killSwitch: KillSwitch = {
    calls,
    get busy() {
      return busy;
    },
    get killed() {
      return killed;
    },
    kill() {
      if (killed) return;
      killed = true;
      callbacks.forEach((callback) => callback());
      notifyKilled();
    },
    onKill: (callback) => void callbacks.push(callback),
    orKilled: (work) => Promise.race([work, whenKilled]),
    wrap<T extends object>(name: string, port: T): T {
      return new Proxy(port, {
        get(target, key, receiver) {
          const member: unknown = Reflect.get(target, key, receiver);
          if (typeof member !== 'function') return member;
          return async (...given: unknown[]) => {
            if (killed) return never();
            calls.push(`${name}.${String(key)}`);
            const cut = cutAt?.call === calls.length ? cutAt.when : null;
            if (cut === 'before') {
              killSwitch.kill();
              return never();
            }
            busy += 1;
            try {
              return await (member as (...all: unknown[]) => Promise<unknown>).apply(target, given);
            } finally {
              busy -= 1;
              if (cut === 'after') killSwitch.kill();
              // The call of a dead process took effect, but is not answered.
              if (killSwitch.killed) await never();
            }
          };
        },
      });
    },
  };
  return killSwitch;
}
