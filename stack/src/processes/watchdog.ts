import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Waits until its standard input closes, which happens however the runner ends, then kills every
// process group that is still noted under pids/ and removes the directory.
const SCRIPT =
  'cat >/dev/null; for pid in "$1"/pids/*; do kill -s KILL -- "-${pid##*/}" 2>/dev/null; done; rm -rf -- "$1"';

/** A directory and processes that do not outlive this process, not even when it is killed by -9. */
export interface Watchdog {
  /** Temporary directory for everything this runner writes, readable by this user only. */
  directory: string;
  guard(pid: number): void;
  release(pid: number): void;
  /** Removes the directory; guarded processes must be gone. */
  stop(): Promise<void>;
}

/** Starts a shell in a session of its own, which neither Ctrl-C nor the death of the runner reaches. */
export async function startWatchdog(): Promise<Watchdog> {
  const directory = await mkdtemp(join(tmpdir(), 'bud-monitoring-'));
  const pids = join(directory, 'pids');
  await mkdir(pids);
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'bud-monitoring-watchdog', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(shell, 'spawn');
  shell.unref();
  const { stdin } = shell;
  (stdin as unknown as { unref(): void }).unref();

  return {
    directory,
    guard: (pid) => writeFileSync(join(pids, String(pid)), ''),
    release: (pid) => rmSync(join(pids, String(pid)), { force: true }),
    async stop() {
      const gone = once(shell, 'exit');
      shell.ref();
      stdin.end();
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
