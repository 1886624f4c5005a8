import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogTail } from './log-tail.js';
import type { ManagedProcess, ProcessEnd, ProcessOptions } from './process.js';
import type { Watchdog } from './watchdog.js';

const OUTPUT_GRACE_MS = 500;
const LINES_SHOWN = 20;

/**
 * Runs a command of an image as it would run as a process: on the host's network, as this user, with its
 * directory under the same path. It is a new container each time, and is removed when it has ended.
 */
export async function startContainer(
  options: ProcessOptions,
  watchdog: Watchdog,
): Promise<ManagedProcess> {
  const { name, command, cwd, image = '', graceMs = 10_000 } = options;
  const [program, ...args] = command;
  // The watchdog ends what is left behind; testcontainers' own helper would listen on all addresses.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  const tail = createLogTail();
  let output: Promise<unknown> = Promise.resolve();
  const started = await new GenericContainer(image)
    .withNetworkMode('host')
    .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
    .withEnvironment({ ...options.env })
    .withBindMounts(cwd === undefined ? [] : [{ source: cwd, target: cwd }])
    .withEntrypoint([program])
    .withCommand(args)
    .withLogConsumer((stream) => {
      tail.read(stream);
      output = once(stream, 'end');
    })
    .start();
  const { container: containers } = await getContainerRuntimeClient();
  // Docker's own kill and wait: what testcontainers starts can be stopped only once, and never crash.
  const container = containers.getById(started.getId());
  const { Pid: pid } = (await container.inspect()).State;
  if (pid > 0) watchdog.guard(pid);

  let expected = options.endsByItself ?? false;
  let finished: ProcessEnd | null = null;
  const ended = (async () => {
    const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
    watchdog.release(pid);
    await Promise.race([output, sleep(OUTPUT_GRACE_MS, undefined, { ref: false })]);
    await container.remove({ v: true });
    const lastLines = tail.lines().slice(-LINES_SHOWN).join('\n');
    finished = { name, code, signal: null, expected, lastLines };
    return finished;
  })();

  const kill = (signal: NodeJS.Signals) => void container.kill({ signal }).catch(() => undefined); // it may have ended

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
