import { access, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { aptCommand, aptInstall } from '../programs/apt.js';
import { cacheDirectory, toolEnv, type Env } from '../programs/env.js';
import { onPath, UnavailableError } from '../programs/find.js';
import type { BuildContext } from '../programs/go-build.js';
import { runs } from '../programs/images.js';
import { run } from '../programs/run.js';
import { buildFromModule } from '../programs/go-module.js';

/** One daemon. */
export interface Docker {
  /** Runs `docker ...` and gives its output; throws with its last lines. */
  (args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** What DOCKER_HOST has to be to reach it; undefined for the usual one. */
  host: string | undefined;
  /** Ends a daemon that was started for this run. */
  stop(): Promise<void>;
}

/**
 * The daemon that answers here, else Debian's, installed and started for this run; its images are kept in
 * the cache. Throws UnavailableError where neither can be had.
 */
export async function openDocker(context: BuildContext): Promise<Docker> {
  const { env, supervisor } = context;
  const own = { ...env };
  const daemon = (await answers(context, own)) ? null : await startDaemon(context);
  if (daemon) own['DOCKER_HOST'] = daemon.host;
  const docker = (await onPath('docker', env)) ?? 'docker';
  const base = { ...toolEnv(own), DOCKER_CONFIG: await configWithCompose(context, own) };
  const call = (args: readonly string[], further = {}) =>
    run(supervisor, {
      name: `docker ${args[0] ?? ''}`,
      command: [docker, ...args],
      env: { ...base, ...further },
    });
  if (daemon) await removeLeftovers(call);
  const stop = () => daemon?.stop() ?? Promise.resolve();
  return Object.assign(call, { host: own['DOCKER_HOST'], stop });
}

/** A run that was killed left containers, which start with the daemon and restart for ever. */
async function removeLeftovers(docker: (args: readonly string[]) => Promise<string>) {
  const left = (await docker(['ps', '--all', '--quiet'])).split(/\s+/).filter(Boolean);
  if (left.length > 0) await docker(['rm', '--force', '--volumes', ...left]);
  await docker(['network', 'prune', '--force']);
  // What builds of other days left; that of today is the next one's cache.
  await docker(['image', 'prune', '--force', '--filter', 'until=24h']);
  const volumes = (await docker(['volume', 'ls', '--quiet'])).split(/\s+/).filter(Boolean);
  if (volumes.length > 0) await docker(['volume', 'rm', ...volumes]);
}

async function answers(context: BuildContext, env: Env): Promise<boolean> {
  const docker = await onPath('docker', env);
  if (!docker) return false;
  return runs(docker, { ...context, env });
}

async function startDaemon(
  context: BuildContext,
): Promise<{ host: string; stop(): Promise<void> }> {
  const { env, supervisor, report } = context;
  if (process.getuid?.() !== 0)
    throw new UnavailableError('no Docker daemon answers, and only root starts one');
  if (!(await onPath('dockerd', env))) {
    const shell = await aptCommand(env);
    if (!shell)
      throw new UnavailableError(
        'no Docker daemon answers, and there is no apt-get to install one',
      );
    await aptInstall(context, shell, ['docker.io', 'iptables']);
  }
  const host = `unix://${join(supervisor.directory, 'docker.sock')}`;
  const runtime = join(supervisor.directory, 'docker');
  const data = join(cacheDirectory(env), 'docker');
  await mkdir(data, { recursive: true });
  const daemon = await supervisor.start({
    name: 'dockerd',
    command: [
      (await onPath('dockerd', env)) ?? 'dockerd',
      ...['--host', host, '--data-root', data, '--exec-root', runtime],
      ...['--pidfile', join(supervisor.directory, 'docker.pid')],
    ],
    env: toolEnv(env),
    graceMs: 60_000,
  });
  report('started a Docker daemon for this run');
  while (!(await answers(context, { ...env, DOCKER_HOST: host }))) {
    const end = daemon.end();
    if (end) throw new UnavailableError(`no Docker daemon can run here: ${end.lastLines}`);
    await sleep(250);
  }
  return {
    host,
    async stop() {
      await daemon.stop();
      // It leaves the namespace of the host's network mounted, which keeps its directory.
      const left = join(runtime, 'netns/default');
      const command = ['umount', '--quiet', left] as const;
      await run(supervisor, { name: 'umount', command, env: toolEnv(env) }).catch(() => undefined);
    },
  };
}

/** A folder of Docker's settings in which `docker compose` exists. */
async function configWithCompose(context: BuildContext, env: Env): Promise<string> {
  const { supervisor } = context;
  const docker = (await onPath('docker', env)) ?? 'docker';
  const present = run(supervisor, {
    name: 'docker compose',
    command: [docker, 'compose', 'version'],
    env: toolEnv(env),
  });
  const config = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '/root', '.docker');
  if (
    await present.then(
      () => true,
      () => false,
    )
  )
    return config;
  const [compose = ''] = await buildFromModule(context, {
    ...{ name: 'docker-compose', version: '2.40.3', go: '1.24.9', variable: 'PATH' },
    ...{ module: 'github.com/docker/compose/v2', packages: ['cmd'] },
  });
  const folder = join(supervisor.directory, 'docker-config');
  await mkdir(join(folder, 'cli-plugins'), { recursive: true });
  await symlink(compose, join(folder, 'cli-plugins', 'docker-compose'));
  await access(compose);
  return folder;
}
