import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Server } from '../servers/server.js';

/** A running service, and the directories that hold the JavaScript it runs. */
export interface WatchedService {
  name: string;
  server: Pick<Server, 'stop' | 'start'>;
  directories: readonly string[];
}

/**
 * Gives a function that restarts every service whose JavaScript was written since it was started last.
 * Calls that overlap run one after the other. A service that does not come up is reported, and started
 * again after the next change.
 */
export async function createRestarter(
  services: readonly WatchedService[],
  report: (line: string) => void,
): Promise<() => Promise<void>> {
  const builtAt = new Map<WatchedService, number>();
  for (const service of services) builtAt.set(service, await newest(service.directories));
  let queue = Promise.resolve();

  async function restartIfChanged(service: WatchedService): Promise<void> {
    const { name, server, directories } = service;
    const changedAt = await newest(directories);
    if (changedAt <= (builtAt.get(service) ?? 0)) return;
    builtAt.set(service, changedAt);
    try {
      await server.stop();
      await server.start();
      report(`${name} restarted`);
    } catch (error) {
      report(error instanceof Error ? error.message : String(error));
    }
  }

  const restartAll = async () => {
    await Promise.all(services.map(restartIfChanged));
  };
  return () => (queue = queue.then(restartAll));
}

/** When the newest JavaScript file below the directories was written, Unix milliseconds. */
async function newest(directories: readonly string[]): Promise<number> {
  const times = directories.map(async (directory) => {
    const files = (await readdir(directory, { recursive: true })).filter((file) =>
      file.endsWith('.js'),
    );
    const stats = await Promise.all(files.map((file) => stat(join(directory, file))));
    return Math.max(0, ...stats.map(({ mtimeMs }) => mtimeMs));
  });
  return Math.max(0, ...(await Promise.all(times)));
}
