import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { untilReady } from '../processes/ready.js';
import type { Cleanup } from '../cleanup.js';
import type { Env } from '../programs/env.js';
import { PROMETHEUS_IMAGE } from '../programs/images.js';
import type { Server, ServerDefinition } from './server.js';

/** Images as docker-compose.yml has them, and the name of the program inside. */
const IMAGES = {
  redis: { image: 'redis:7.4.6-alpine', program: 'redis-server' },
  prometheus: { image: PROMETHEUS_IMAGE, program: '/bin/prometheus' },
  gateway: { image: 'nginx:1.29.3-alpine', program: 'nginx' },
  'victoria-metrics': {
    image: 'victoriametrics/victoria-metrics:v1.79.5',
    program: '/victoria-metrics-prod',
  },
} as const;

/**
 * Whether Redis, Prometheus and nginx are to run as containers: where Docker runs and shares the host's
 * network, unless STACK_SERVERS says `processes`.
 */
export async function useContainers(env: Env): Promise<boolean> {
  if (env['STACK_SERVERS'] === 'processes' || process.platform !== 'linux') return false;
  const sockets = ['/var/run/docker.sock', join(env['XDG_RUNTIME_DIR'] ?? '/run', 'docker.sock')];
  if (!env['DOCKER_HOST'] && !(await anyExists(sockets))) return false;
  const { getContainerRuntimeClient } = await import('testcontainers');
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}

/**
 * Runs the same server with the same arguments, files and port as a container. It shares the host's
 * network, and its directory under the same path. Not run by us: docs/stack.md.
 */
export async function startContainer(
  definition: ServerDefinition,
  cleanup: Cleanup,
): Promise<Server> {
  const { GenericContainer } = await import('testcontainers');
  const { name, command, cwd } = definition.process;
  const { image, program } = IMAGES[name as keyof typeof IMAGES];
  const lines: string[] = [];
  const container = await new GenericContainer(image)
    .withNetworkMode('host')
    .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
    .withBindMounts(cwd === undefined ? [] : [{ source: cwd, target: cwd }])
    .withEntrypoint([program])
    .withCommand(command.slice(1))
    .withLogConsumer((stream) => stream.on('data', (line) => void lines.push(String(line))))
    .start();
  cleanup.add(async () => {
    await container.stop();
  });

  const { probe, readyTimeoutMs } = definition;
  const logs = () => lines.join('');
  const answering = () => untilReady({ name, probe, timeoutMs: readyTimeoutMs, logs });

  await answering();
  return {
    name,
    pid: () => null,
    logs,
    stop: async (signal) => {
      await container.stop({ remove: false, timeout: signal === 'SIGKILL' ? 0 : 10_000 });
    },
    start: async () => {
      await container.restart();
      await answering();
    },
  };
}

async function anyExists(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.allSettled(paths.map((path) => access(path)));
  return found.some(({ status }) => status === 'fulfilled');
}
