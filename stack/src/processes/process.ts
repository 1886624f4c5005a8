import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogTail } from './log-tail.js';
import type { Watchdog } from './watchdog.js';

const OUTPUT_GRACE_MS = 500;
const LINES_SHOWN = 20;

/** What to run. The environment is exactly `env`: nothing is inherited. */
export interface ProcessOptions {
  name: string;
  command: readonly [string, ...string[]];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Time from SIGTERM to SIGKILL, 10 s unless told. */
  graceMs?: number;
  /** It ends by itself, and that is no failure of the stack. */
  endsByItself?: boolean;
  /** Higher tiers are stopped first: apps (2) before their sidecars (1), those before servers (0). */
  tier?: number;
  /** Written to standard input, for what must not stand in a process list; not for containers. */
  input?: string;
  /** The image that `command` is a part of: it runs as a container. */
  image?: string | undefined;
}

/** How a process ended. `expected` is true when we asked for it. */
export interface ProcessEnd {
  name: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  expected: boolean;
  /** The last of what it wrote. */
  lastLines: string;
}

export interface ManagedProcess {
  name: string;
  pid: number;
  /** The last 2000 lines of standard output and error together. */
  logs(): string;
  onLine(listener: (line: string) => void): () => void;
  ended: Promise<ProcessEnd>;
  /** The end, once it has come. */
  end(): ProcessEnd | null;
  /** SIGTERM (or another signal) to the process group, SIGKILL after the grace time. */
  stop(signal?: NodeJS.Signals): Promise<ProcessEnd>;
  signal(signal: NodeJS.Signals): void;
}

/** Starts a process in a group of its own, which the watchdog ends should the runner die. */
export async function startProcess(
  options: ProcessOptions,
  watchdog: Watchdog,
): Promise<ManagedProcess> {
  const { name, command, graceMs = 10_000 } = options;
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { ...options.env },
    cwd: options.cwd ?? watchdog.directory,
    detached: true, // a process group of its own: Ctrl-C reaches the runner alone, a kill the whole group
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new Error(`${name} could not be started: ${error.message}`);
  }
  watchdog.guard(pid);
  child.stdin.on('error', () => undefined); // it may end before it has read its input
  child.stdin.end(options.input ?? '');
  const tail = createLogTail();
  tail.read(child.stdout);
  tail.read(child.stderr);

  let expected = options.endsByItself ?? false;
  let finished: ProcessEnd | null = null;
  const ended = (async () => {
    const outputEnded = once(child, 'close');
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    killGroup(pid, 'SIGKILL'); // what the process left behind, which may hold the output open
    watchdog.release(pid);
    await Promise.race([outputEnded, sleep(OUTPUT_GRACE_MS, undefined, { ref: false })]);
    finished = {
      name,
      code,
      signal,
      expected,
      lastLines: tail.lines().slice(-LINES_SHOWN).join('\n'),
    };
    return finished;
  })();

  return {
    name,
    pid,
    ended,
    logs: () => tail.lines().join('\n'),
    onLine: (listener) => tail.onLine(listener),
    end: () => finished,
    signal: (signal) => killGroup(pid, signal),
    async stop(signal = 'SIGTERM') {
      expected = true;
      if (finished) return finished;
      killGroup(pid, signal);
      const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), graceMs);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
