import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, toolEnv, type Env } from './env.js';
import { onPath } from './find.js';
import type { BuildContext } from './go-build.js';
import { withLock } from './lock.js';
import { reported } from './report.js';

// A policy-rc.d that answers 101 keeps the packages from starting services of their own; the next boot
// starts none either. A policy that was there before comes back afterwards, also when an earlier run
// was killed in between.
const INSTALL = `
set -eu
policy=/usr/sbin/policy-rc.d
restore() { if [ -e "$policy.before-bud" ]; then mv -f "$policy.before-bud" "$policy"; else rm -f "$policy"; fi; }
grep -qs bud-monitoring "$policy" || { [ ! -e "$policy" ] || cp -p "$policy" "$policy.before-bud"; }
trap restore EXIT
printf '#!/bin/sh\\n# put here by bud-monitoring while packages are installed\\nexit 101\\n' > "$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; }
if ! apt-cache show "$@" > /dev/null 2>&1; then apt-get update; fi
install "$@" || { apt-get update && install "$@"; }
for package in "$@"; do systemctl disable "\${package%-light}" > /dev/null 2>&1 || true; done
`;

/** Whether this machine has Debian's packages and lets us install them. */
export async function aptCommand(env: BuildContext['env']): Promise<readonly string[] | null> {
  if (!(await onPath('apt-get', env))) return null;
  if (process.getuid?.() === 0) return ['/bin/sh'];
  const sudo = await onPath('sudo', env);
  return sudo ? [sudo, '-n', '/bin/sh'] : null;
}

/** Installs Debian packages without letting them start services. */
export async function aptInstall(
  { env, report, supervisor }: BuildContext,
  shell: readonly string[],
  packages: readonly string[],
): Promise<void> {
  const what = `installing ${packages.join(', ')} with apt-get`;
  const install = () =>
    reported(report, what, async () => {
      const log = join(supervisor.directory, 'apt-get.log');
      const code = await runToItsEnd([...shell, '-c', INSTALL, 'install', ...packages], env, log);
      if (code !== 0) throw new Error(`${what} failed:\n${await lastLines(log)}`);
    });
  await mkdir(cacheDirectory(env), { recursive: true });
  const lock = join(cacheDirectory(env), 'apt-get.lock');
  await withLock(lock, () => report(`${what}: waiting for another process that does so`), install);
}

/** Not under the supervisor: packages half installed are worse than a process that outlives us. */
async function runToItsEnd(command: string[], env: Env, log: string): Promise<number | null> {
  const output = await open(log, 'w');
  try {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      env: toolEnv(env),
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } finally {
    await output.close();
  }
}

async function lastLines(log: string): Promise<string> {
  return (await readFile(log, 'utf8')).trim().split('\n').slice(-20).join('\n');
}
