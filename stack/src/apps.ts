import { randomBytes } from 'node:crypto';
import type { Cleanup } from './cleanup.js';
import { appEnvironment, type EnvironmentParts } from './environment.js';
import type { AppContext, AppOptions, RedisAddress, RunningApp } from './options.js';
import { DAPR_CONFIG, RESOURCES, serviceMain } from './paths.js';
import type { PortBlock } from './processes/ports.js';
import { httpAnswers } from './processes/ready.js';
import type { Supervisor } from './processes/supervisor.js';
import type { Programs } from './programs/index.js';
import { startSidecar, type Sidecar } from './servers/daprd.js';
import { startServer } from './servers/server.js';

/** What apps and sidecars of one stack share. */
export interface AppStartContext extends EnvironmentParts {
  supervisor: Supervisor;
  ports: PortBlock;
  programs: Programs;
  cleanup: Cleanup;
  redis: RedisAddress | undefined;
}

/**
 * Flags of Node. Where memory is plenty V8 lets garbage lie, and both make much of it: bud-metrics of
 * long answers, as many as are asked for, so that it has no limit; bud-dashboard in a burst, and it
 * lives of 60 MB. Under light load the garbage of bud-metrics would grow for tens of minutes, by half of
 * its memory: its new space stays as it is, and marking begins after half of what may be left lying.
 */
const flags = {
  metrics: [
    '--heap-growing-percent=70',
    '--min-semi-space-size=8',
    '--max-semi-space-size=8',
    '--incremental-marking-soft-trigger=50',
  ],
  dashboard: ['--max-old-space-size=256'],
};

/** Bytes from which memory goes back to the system when it is free: glibc raises that with each long answer. */
const allocation = { MALLOC_MMAP_THRESHOLD_: '131072' };

/** One of the product's two services, as it is built. */
export function service(
  name: 'metrics' | 'dashboard',
  environment: Readonly<Record<string, string>> = {},
): AppOptions {
  const command = [process.execPath, ...flags[name], serviceMain(name)] as const;
  return { appId: `bud-${name}`, command, environment: { ...allocation, ...environment } };
}

/** Starts the app, then its sidecar. */
export async function startApp(parts: AppStartContext, options: AppOptions): Promise<RunningApp> {
  const { appId } = options;
  const port = options.port ?? (await parts.ports.next());
  const listeners = await sidecarListeners(parts);
  const dapr = { url: `http://127.0.0.1:${listeners.ports.http}`, ...listeners.tokens };
  const environment = { ...appEnvironment(parts, { port, dapr }), ...options.environment };
  const app = { appId, port, url: `http://127.0.0.1:${port}` };

  const child = await startProgram(parts, options, { appId, port, dapr, environment });
  const sidecar = await startAppSidecar(parts, { ...options, port }, listeners);
  return { ...app, sidecar, ...(child && { process: child }) };
}

async function startProgram(parts: AppStartContext, options: AppOptions, context: AppContext) {
  if (options.start) {
    const started = await options.start(context);
    parts.cleanup.add(() => started.close());
  }
  if (!options.command) return undefined;
  const { appId, onLine } = options;
  const url = `http://127.0.0.1:${context.port}${options.healthPath ?? '/health'}`;
  return startServer(parts.supervisor, {
    process: {
      name: appId,
      command: options.command,
      env: context.environment,
      tier: 2,
      graceMs: 20_000,
      ...(options.mayEnd && { endsByItself: true }),
    },
    probe: httpAnswers(url),
    readyTimeoutMs: 30_000,
    ...(onLine && { onLine: (line) => onLine(appId, line) }),
  });
}

/** A sidecar whose app, if it has one, runs elsewhere: with a port it waits until the app listens there. */
export async function startSidecarAlone(
  parts: AppStartContext,
  app: Pick<AppOptions, 'appId' | 'port' | 'sidecar'>,
): Promise<Sidecar> {
  return startAppSidecar(parts, app, await sidecarListeners(parts));
}

interface Listeners {
  ports: { http: number; grpc: number; internal: number; metrics: number };
  tokens: { apiToken: string; appToken: string };
}

async function sidecarListeners({ ports }: AppStartContext): Promise<Listeners> {
  const secret = () => randomBytes(24).toString('base64url');
  return {
    ports: {
      http: await ports.next(),
      grpc: await ports.next(),
      internal: await ports.next(),
      metrics: await ports.next(),
    },
    tokens: { apiToken: secret(), appToken: secret() },
  };
}

function startAppSidecar(
  parts: AppStartContext,
  app: Pick<AppOptions, 'appId' | 'port' | 'sidecar'>,
  listeners: Listeners,
): Promise<Sidecar> {
  const { redis } = parts;
  return startSidecar({
    supervisor: parts.supervisor,
    program: parts.programs('daprd'),
    appId: app.appId,
    ...(app.port !== undefined && { appPort: app.port }),
    ports: listeners.ports,
    ...listeners.tokens,
    resources: app.sidecar?.resources ?? RESOURCES,
    config: app.sidecar?.config ?? DAPR_CONFIG,
    secrets: redis ? { REDIS_HOST: redis.address, REDIS_PASSWORD: redis.password } : {},
    namesDirectory: parts.supervisor.directory,
    ...(app.sidecar?.flags && { flags: app.sidecar.flags }),
  });
}
