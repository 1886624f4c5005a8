import { untilReady } from '../processes/ready.js';
import type { ManagedProcess, ProcessOptions } from '../processes/process.js';
import type { Supervisor } from '../processes/supervisor.js';

/** A part of the stack, wherever it runs, that can be stopped and started again with what it keeps. */
export interface Server {
  name: string;
  /** Its process id; null while it does not run. */
  pid(): number | null;
  /** The last 2000 lines that it wrote, earlier runs included. */
  logs(): string;
  /** SIGTERM unless told; resolves when it is gone. `SIGKILL` is a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same port and data, and waits until it answers. */
  start(): Promise<void>;
}

/** How to run a server as a local process. */
export interface ServerDefinition {
  process: ProcessOptions;
  /** Whether it answers. */
  probe: (signal: AbortSignal) => Promise<boolean>;
  readyTimeoutMs: number;
  /** Called with each line that it writes, in every run. */
  onLine?: (line: string) => void;
}

/** Runs what a definition says. */
export type StartServer = (definition: ServerDefinition) => Promise<Server>;

/** Runs a server under the supervisor and waits until it answers. */
export async function startServer(
  supervisor: Supervisor,
  definition: ServerDefinition,
): Promise<Server> {
  const { name } = definition.process;
  const earlier: string[] = [];
  let running: ManagedProcess | undefined;

  async function start(): Promise<void> {
    if (running && !running.end()) throw new Error(`${name} runs already`);
    if (running) earlier.push(running.logs());
    running = await supervisor.start(definition.process);
    const child = running;
    const { probe, readyTimeoutMs, onLine } = definition;
    if (onLine) child.onLine(onLine);
    await untilReady({
      name,
      probe,
      timeoutMs: readyTimeoutMs,
      logs: () => child.logs(),
      end: () => child.end(),
    });
  }

  await start();
  return {
    name,
    pid: () => (running && !running.end() ? running.pid : null),
    start,
    logs: () => [...earlier, running?.logs()].join('\n'),
    async stop(signal) {
      await running?.stop(signal);
    },
  };
}
