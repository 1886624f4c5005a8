import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogTail, type LogTail } from './log-tail.js';
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
  const { name, command } = options;
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

  const exit = async () => {
    const outputEnded = once(child, 'close');
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    killGroup(pid, 'SIGKILL'); // what the process left behind, which may hold the output open
    watchdog.release(pid);
    await untilRead(outputEnded);
    return { code, signal };
  };
  return manage(options, { pid, tail, exit, kill: (signal) => killGroup(pid, signal) });
}

/** Waits for the end of the output, though not for long. */
export async function untilRead(output: Promise<unknown>): Promise<void> {
  await Promise.race([output, sleep(OUTPUT_GRACE_MS, undefined, { ref: false })]);
}

/** Follows what runs to its end, and stops it: the same for processes and containers. */
export function manage(
  { name, graceMs = 10_000, endsByItself = false }: ProcessOptions,
  running: {
    pid: number;
    tail: LogTail;
    /** Resolves when it is over and its output is read. Called once, at once. */
    exit: () => Promise<Pick<ProcessEnd, 'code' | 'signal'>>;
    kill: (signal: NodeJS.Signals) => void;
  },
): ManagedProcess {
  const { pid, tail, exit, kill } = running;
  let expected = endsByItself;
  let finished: ProcessEnd | null = null;
  const ended = (async () => {
    const { code, signal } = await exit();
    const lastLines = tail.lines().slice(-LINES_SHOWN).join('\n');
    finished = { name, code, signal, expected, lastLines };
    return finished;
  })();
  return {
    name,
    pid,
    ended,
    logs: () => tail.lines().join('\n'),
    onLine: (listener) => tail.onLine(listener),
    end: () => finished,
    signal: kill,
    async stop(signal = 'SIGTERM') {
      expected = true;
      if (finished) return finished;
      kill(signal);
      const timer = setTimeout(() => kill('SIGKILL'), graceMs);
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
