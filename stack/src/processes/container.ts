import { once } from 'node:events';
import { createLogTail } from './log-tail.js';
import { manage, untilRead, type ManagedProcess, type ProcessOptions } from './process.js';
import type { Watchdog } from './watchdog.js';

/**
 * Runs a command of an image as it would run as a process: on the host's network, as this user, with its
 * directory under the same path. It is a new container each time, and is removed when it has ended.
 */
export async function startContainer(
  options: ProcessOptions,
  watchdog: Watchdog,
): Promise<ManagedProcess> {
  const { command, cwd, image = '' } = options;
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

  const exit = async () => {
    const { StatusCode: code } = (await container.wait()) as { StatusCode: number };
    watchdog.release(pid);
    await untilRead(output);
    await container.remove({ v: true });
    return { code, signal: null };
  };
  // It may have ended when it is killed.
  const kill = (signal: NodeJS.Signals) => void container.kill({ signal }).catch(() => undefined);
  return manage(options, { pid, tail, exit, kill });
}
