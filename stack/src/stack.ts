import { startApp, startSidecarAlone, type AppStartContext } from './apps.js';
import { createCleanup, type Cleanup } from './cleanup.js';
import {
  checkPorts,
  programsFor,
  startGatewayDependency,
  startGrafana,
  startIdentityDependency,
  startNodeExporterDependency,
  startPrometheusDependency,
  startRedisDependency,
  startVictoriaMetricsDependency,
  type DependencyContext,
} from './dependencies.js';
import type { Stack, StackOptions } from './options.js';
import { describeEnd } from './processes/describe.js';
import { reservePorts } from './processes/ports.js';
import { startSupervisor, type Supervisor } from './processes/supervisor.js';
import { findPrograms } from './programs/index.js';
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
  const cleanup = createCleanup();
  cleanup.add(() => supervisor.stop());
  const stop = () => cleanup.run();
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
    const parts = await Promise.race([startParts(options, supervisor, cleanup), broken]);
    return { ...parts, failed, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  supervisor: Supervisor,
  cleanup: Cleanup,
): Promise<StackParts> {
  const { env = process.env, report = () => undefined, apps = [] } = options;
  await checkPorts(options);
  const ports = await reservePorts();
  cleanup.add(() => ports.release());
  const wanted = programsFor(options);
  const programs = await findPrograms(wanted, {
    env,
    report,
    supervisor,
  });

  const startDependency: StartServer = (definition) => startServer(supervisor, definition);
  const dependencies: DependencyContext = {
    options,
    supervisor,
    ports,
    cleanup,
    programs,
    startDependency,
  };
  const [identity, redis, prometheus, victoriaMetrics, nodeExporter] = await Promise.all([
    startIdentityDependency(dependencies),
    startRedisDependency(dependencies),
    startPrometheusDependency(dependencies),
    startVictoriaMetricsDependency(dependencies),
    startNodeExporterDependency(dependencies),
  ]);
  const grafana = await startGrafana(dependencies, prometheus);

  const appParts: AppStartContext = {
    supervisor,
    ports,
    cleanup,
    programs,
    redis,
    identity,
    prometheusUrl: prometheus?.url,
    grafana: grafana.environment,
    common: options.environment ?? {},
  };
  const [gatewaySidecar, ownSidecar, ...started] = await Promise.all([
    options.gateway ? startSidecarAlone(appParts, { appId: GATEWAY_APP_ID }) : undefined,
    options.ownApp ? startSidecarAlone(appParts, options.ownApp) : undefined,
    ...apps.map((app) => startApp(appParts, app)),
  ]);
  const app = (appId: string, replica = 0) => started.filter((one) => one.appId === appId)[replica];
  const gateway =
    gatewaySidecar &&
    (await startGatewayDependency(dependencies, {
      sidecar: gatewaySidecar,
      metricsPort: app('bud-metrics')?.port,
      identity,
      grafana: grafana.environment,
    }));

  return {
    identity,
    directory: supervisor.directory,
    ...(redis && 'stop' in redis && { redis }),
    ...(prometheus && 'stop' in prometheus && { prometheus }),
    ...(victoriaMetrics && { victoriaMetrics }),
    ...(nodeExporter && { nodeExporter }),
    ...(grafana.fake && { grafana: grafana.fake }),
    ...(gateway && { gateway }),
    ...(ownSidecar && { ownSidecar }),
    app(appId, replica) {
      const found = app(appId, replica);
      if (!found) throw new Error(`this stack has no such app: ${appId}`);
      return found;
    },
  };
}
