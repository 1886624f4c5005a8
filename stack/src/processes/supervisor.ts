import { startContainer } from './container.js';
import {
  startProcess,
  type ManagedProcess,
  type ProcessEnd,
  type ProcessOptions,
} from './process.js';
import { startWatchdog } from './watchdog.js';

/** Starts processes, and sees to it that none outlives this one. */
export interface Supervisor {
  /** Temporary directory that disappears with the supervisor. */
  directory: string;
  start(options: ProcessOptions): Promise<ManagedProcess>;
  /** Called for every process that ended without being asked to. */
  onUnexpectedEnd(listener: (end: ProcessEnd) => void): void;
  /** Stops all, tier by tier, and removes the directory. */
  stop(): Promise<void>;
}

/** A supervisor with a watchdog of its own (see watchdog.ts). */
export async function startSupervisor(): Promise<Supervisor> {
  const watchdog = await startWatchdog();
  const running = new Map<ManagedProcess, number>();
  const listeners: ((end: ProcessEnd) => void)[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    while (running.size > 0) {
      const highest = Math.max(...running.values());
      const tier = [...running].filter(([, tier]) => tier === highest);
      await Promise.all(tier.map(([child]) => child.stop()));
    }
    await watchdog.stop();
  }

  return {
    directory: watchdog.directory,
    async start(options) {
      if (stopping) throw new Error(`${options.name} was not started: the stack is stopping`);
      const start = options.image === undefined ? startProcess : startContainer;
      const child = await start(options, watchdog);
      running.set(child, options.tier ?? 0);
      void child.ended.then((end) => {
        running.delete(child);
        if (!end.expected) listeners.forEach((listener) => listener(end));
      });
      return child;
    },
    onUnexpectedEnd: (listener) => void listeners.push(listener),
    stop: () => (stopping ??= stopAll()),
  };
}
