import { randomBytes } from 'node:crypto';
import type { Cleanup } from './cleanup.js';
import { consoleOfStack } from './console.js';
import { externalGrafanaEnvironment, fakeGrafanaEnvironment } from './environment.js';
import { startIdentity, type Identity } from './identity/identity.js';
import type { RedisAddress, StackOptions } from './options.js';
import { isFree, type PortBlock } from './processes/ports.js';
import type { Supervisor } from './processes/supervisor.js';
import type { ProgramName, Programs } from './programs/index.js';
import type { Sidecar } from './servers/daprd.js';
import { startGateway, type Gateway } from './servers/gateway.js';
import { startNodeExporter, type NodeExporter } from './servers/node-exporter.js';
import { startPrometheus, type PrometheusServer } from './servers/prometheus.js';
import { durabilityWarnings } from './servers/redis-durability.js';
import { startRedis, type RedisServer } from './servers/redis.js';
import type { StartServer } from './servers/server.js';
import { startVictoriaMetrics, type VictoriaMetricsServer } from './servers/victoria-metrics.js';
import { startFakeGrafana, type FakeGrafana } from './fakes/fake-grafana/server.js';

/** What starting the dependencies of one stack takes. */
export interface DependencyContext {
  options: StackOptions;
  supervisor: Supervisor;
  ports: PortBlock;
  cleanup: Cleanup;
  programs: Programs;
  /** Starts Redis, the stores and the gateway. */
  startDependency: StartServer;
}

/** The programs that these options need on this machine. */
export function programsFor(options: StackOptions): ProgramName[] {
  const prometheus = ownPrometheus(options);
  return [
    ...(ownsRedis(options) ? (['redis-server'] as const) : []),
    ...(prometheus ? prometheusPrograms(prometheus.version) : []),
    ...(options.victoriaMetrics ? (['victoria-metrics'] as const) : []),
    ...(options.nodeExporter ? (['prometheus-node-exporter'] as const) : []),
    ...(options.gateway ? (['nginx'] as const) : []),
    ...(options.gateway || options.ownApp || options.apps?.length ? (['daprd'] as const) : []),
  ];
}

/** Throws when a port that the options name is taken: early, not after everything else runs. */
export async function checkPorts({ gateway, prometheus, grafana }: StackOptions): Promise<void> {
  const named = { 'the gateway': gateway, Prometheus: prometheus, Grafana: grafana };
  for (const [who, part] of Object.entries(named)) {
    const port = portOf(part);
    if (port !== undefined && !(await isFree(port))) {
      throw new Error(`port ${port} of 127.0.0.1, wanted for ${who}, is taken`);
    }
  }
}

export async function startIdentityDependency({
  ports,
  cleanup,
}: DependencyContext): Promise<Identity> {
  const identity = await startIdentity(await ports.next());
  cleanup.add(() => identity.stop());
  return identity;
}

export async function startRedisDependency(
  parts: DependencyContext,
): Promise<RedisServer | RedisAddress | undefined> {
  const { options, supervisor, ports, programs } = parts;
  if (typeof options.redis === 'object') {
    const { report = () => undefined } = options;
    for (const warning of await durabilityWarnings(options.redis)) report(`warning: ${warning}`);
    return options.redis;
  }
  if (!ownsRedis(options)) return undefined;
  return startRedis({
    start: parts.startDependency,
    directory: supervisor.directory,
    program: programs('redis-server'),
    image: programs.image('redis-server'),
    port: await ports.next(),
    password: randomBytes(24).toString('base64url'),
  });
}

export async function startPrometheusDependency(
  parts: DependencyContext,
): Promise<PrometheusServer | { url: string } | undefined> {
  const { options, supervisor, ports, programs } = parts;
  if (typeof options.prometheus === 'object' && 'url' in options.prometheus) {
    return options.prometheus;
  }
  const settings = ownPrometheus(options);
  if (!settings) return undefined;
  const [prometheus, promtool] = prometheusPrograms(settings.version);
  return startPrometheus(settings, {
    start: parts.startDependency,
    directory: supervisor.directory,
    program: programs(prometheus),
    promtool: programs(promtool),
    port: await chosenPort(settings.port, ports),
  });
}

export async function startVictoriaMetricsDependency(
  parts: DependencyContext,
): Promise<VictoriaMetricsServer | undefined> {
  const { options, supervisor, ports, programs } = parts;
  if (!options.victoriaMetrics) return undefined;
  return startVictoriaMetrics({
    start: parts.startDependency,
    directory: supervisor.directory,
    program: programs('victoria-metrics'),
    port: await ports.next(),
  });
}

export async function startNodeExporterDependency(
  parts: DependencyContext,
): Promise<NodeExporter | undefined> {
  const { options, supervisor, ports, programs } = parts;
  if (!options.nodeExporter) return undefined;
  const program = programs('prometheus-node-exporter');
  return startNodeExporter({ supervisor, program, port: await ports.next() });
}

/** The fake Grafana, in this process, or the external one that the options name. */
export async function startGrafana(
  { options, ports, cleanup }: DependencyContext,
  prometheus: PrometheusServer | { url: string } | undefined,
): Promise<{ fake?: FakeGrafana; environment: Readonly<Record<string, string>> }> {
  const { grafana } = options;
  if (!grafana) return { environment: {} };
  if (typeof grafana === 'object' && 'scheme' in grafana) {
    const own = prometheus && 'stop' in prometheus ? prometheus.url : null;
    return { environment: externalGrafanaEnvironment(grafana, own) };
  }
  const fake = await startFakeGrafana({ port: await chosenPort(portOf(grafana), ports) });
  cleanup.add(() => fake.close());
  return { fake, environment: fakeGrafanaEnvironment(fake, prometheus?.url ?? null) };
}

export async function startGatewayDependency(
  { options, supervisor, ports, programs, startDependency }: DependencyContext,
  beside: {
    sidecar: Sidecar;
    metricsPort: number | undefined;
    identity: Identity;
    grafana: Readonly<Record<string, string>>;
  },
): Promise<Gateway> {
  const { sidecar, metricsPort, identity, grafana } = beside;
  const { readTimeoutSeconds, limits, corsOrigins, ...wanted } =
    typeof options.gateway === 'object' ? options.gateway : {};
  return startGateway({
    start: startDependency,
    directory: supervisor.directory,
    program: programs('nginx'),
    image: programs.image('nginx'),
    port: await chosenPort(portOf(options.gateway), ports),
    dapr: { address: new URL(sidecar.url).host, apiToken: sidecar.apiToken },
    // Without bud-metrics: a port of ours that nobody listens on.
    metricsAddress: `127.0.0.1:${metricsPort ?? (await ports.next())}`,
    metricsAppId: 'bud-metrics',
    dashboardAppId: 'bud-dashboard',
    ...(readTimeoutSeconds !== undefined && { readTimeoutSeconds }),
    ...(corsOrigins && { corsOrigins }),
    ...(wanted.console && {
      console: { ...consoleOfStack(identity, grafana), ...wanted.console },
    }),
    ...(limits !== undefined && { limits }),
  });
}

function ownsRedis({ redis, apps = [] }: StackOptions): boolean {
  return redis === undefined ? apps.length > 0 : redis === true;
}

function ownPrometheus({ prometheus }: StackOptions) {
  if (prometheus === true) return {};
  return typeof prometheus === 'object' && !('url' in prometheus) ? prometheus : undefined;
}

function prometheusPrograms(version: 'system' | '3' | undefined) {
  return version === '3'
    ? (['prometheus-3', 'promtool-3'] as const)
    : (['prometheus', 'promtool'] as const);
}

function portOf(part: unknown): number | undefined {
  const { port } = (typeof part === 'object' ? part : {}) as { port?: number };
  return port;
}

const chosenPort = async (wanted: number | undefined, ports: PortBlock) =>
  wanted ?? (await ports.next());
