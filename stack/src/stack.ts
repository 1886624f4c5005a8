import { startApp, startLoneSidecar, type AppParts } from './apps.js';
import { createClosers, type Closers } from './closers.js';
import {
  checkPorts,
  programsFor,
  startGatewayPart,
  startGrafana,
  startIdentityPart,
  startNodeExporterPart,
  startPrometheusPart,
  startRedisPart,
  startVictoriaMetricsPart,
  type NeighbourParts,
} from './neighbours.js';
import type { Stack, StackOptions } from './options.js';
import { describeEnd } from './processes/describe.js';
import { reservePorts } from './processes/ports.js';
import { startSupervisor, type Supervisor } from './processes/supervisor.js';
import { findPrograms } from './programs/index.js';
import { startContainer, useContainers } from './servers/containers.js';
import { startServer, type StartServer } from './servers/server.js';

const GATEWAY_APP_ID = 'bud-gateway';

type StackParts = Omit<Stack, 'failed' | 'stop' | typeof Symbol.asyncDispose>;

/**
 * Starts the parts asked for on free ports of 127.0.0.1 and resolves when all of them answer. When one
 * cannot be started, those that run already are stopped, and the error says which it was and why.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { signal } = options;
  const supervisor = await startSupervisor();
  const closers = createClosers();
  closers.add(() => supervisor.stop());
  const stop = () => closers.closeAll();
  const failed = new Promise<string>((resolve) => {
    supervisor.onUnexpectedEnd((end) => resolve(describeEnd(end)));
  });
  const broken = new Promise<never>((_, reject) => {
    void failed.then((reason) => reject(new Error(reason)));
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  broken.catch(() => undefined); // once all runs, `failed` tells
  try {
    signal?.throwIfAborted();
    const parts = await Promise.race([startParts(options, supervisor, closers), broken]);
    return { ...parts, failed, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  supervisor: Supervisor,
  closers: Closers,
): Promise<StackParts> {
  const { env = process.env, report = () => undefined, apps = [] } = options;
  await checkPorts(options);
  const ports = await reservePorts();
  closers.add(() => ports.release());
  const containers = await useContainers(env);
  const wanted = programsFor(options, { containers });
  const programs = await findPrograms(wanted, {
    env,
    report,
    supervisor,
    images: containers,
  });

  const startNeighbour: StartServer = containers
    ? (definition) => startContainer(definition, closers)
    : (definition) => startServer(supervisor, definition);
  const neighbours: NeighbourParts = {
    options,
    supervisor,
    ports,
    closers,
    programs,
    startNeighbour,
  };
  const [identity, redis, prometheus, victoriaMetrics, nodeExporter] = await Promise.all([
    startIdentityPart(neighbours),
    startRedisPart(neighbours),
    startPrometheusPart(neighbours),
    startVictoriaMetricsPart(neighbours),
    startNodeExporterPart(neighbours),
  ]);
  const grafana = await startGrafana(neighbours, prometheus);

  const appParts: AppParts = {
    supervisor,
    ports,
    closers,
    programs,
    redis,
    identity,
    prometheusUrl: prometheus?.url,
    grafana: grafana.environment,
    common: options.environment ?? {},
  };
  const [gatewaySidecar, ...started] = await Promise.all([
    options.gateway ? startLoneSidecar(appParts, GATEWAY_APP_ID) : undefined,
    ...apps.map((app) => startApp(appParts, app)),
  ]);
  const app = (appId: string, replica = 0) => started.filter((one) => one.appId === appId)[replica];
  const gateway =
    gatewaySidecar &&
    (await startGatewayPart(neighbours, gatewaySidecar, app('bud-metrics')?.port));

  return {
    identity,
    directory: supervisor.directory,
    ...(redis && 'stop' in redis && { redis }),
    ...(prometheus && 'stop' in prometheus && { prometheus }),
    ...(victoriaMetrics && { victoriaMetrics }),
    ...(nodeExporter && { nodeExporter }),
    ...(grafana.fake && { grafana: grafana.fake }),
    ...(gateway && { gateway }),
    app(appId, replica) {
      const found = app(appId, replica);
      if (!found) throw new Error(`this stack has no such app: ${appId}`);
      return found;
    },
  };
}
