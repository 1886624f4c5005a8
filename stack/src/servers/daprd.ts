import { httpAnswers } from '../processes/ready.js';
import type { Supervisor } from '../processes/supervisor.js';
import { startServer, type Server } from './server.js';

/** What one sidecar needs. All its listeners are on 127.0.0.1. */
export interface SidecarOptions {
  supervisor: Supervisor;
  program: string;
  appId: string;
  /** Absent: a sidecar without an app, which only calls others. */
  appPort?: number;
  ports: { http: number; grpc: number; internal: number; metrics: number };
  /** What callers of the sidecar show. */
  apiToken: string;
  /** What the sidecar shows the app. */
  appToken: string;
  /** Folder of components, subscriptions and resiliency. */
  resources: string;
  /** Configuration file. */
  config: string;
  /** What the components' secret references name: REDIS_HOST and the like. */
  secrets: Readonly<Record<string, string>>;
  /** Shared by the sidecars that are to find each other: their names are kept there. */
  namesDirectory: string;
  flags?: readonly string[];
}

export interface Sidecar extends Server {
  /** Dapr's HTTP API. */
  url: string;
  /** `host:port` of its own metrics. */
  metricsAddress: string;
  apiToken: string;
  appToken: string;
}

/** daprd beside an app that listens already (an app that does not keeps daprd waiting). */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { supervisor, program, appId, appPort, ports, apiToken, appToken } = options;
  const url = `http://127.0.0.1:${ports.http}`;
  const flags = [
    ['app-id', appId],
    ['app-channel-address', '127.0.0.1'],
    ['resources-path', options.resources],
    ['config', options.config],
    ['dapr-listen-addresses', '127.0.0.1'],
    ['dapr-http-port', ports.http],
    ['dapr-grpc-port', ports.grpc],
    ['dapr-internal-grpc-listen-address', '127.0.0.1'],
    ['dapr-internal-grpc-port', ports.internal],
    ['metrics-listen-address', '127.0.0.1'],
    ['metrics-port', ports.metrics],
    ['placement-host-address', ''],
    ['scheduler-host-address', ''],
    // Line and headers of a request: long URLs, and tokens that name many clusters.
    ['read-buffer-size', '128Ki'],
    ['log-as-json', 'false'],
    ...(appPort === undefined ? [] : [['app-port', appPort]]),
  ].map(([name, value]) => `--${String(name)}=${String(value)}`);

  const server = await startServer(supervisor, {
    process: {
      name: `daprd of ${appId}`,
      command: [program, ...flags, ...(options.flags ?? [])],
      cwd: options.namesDirectory,
      tier: 1,
      graceMs: 15_000,
      env: {
        ...options.secrets,
        DAPR_HOST_IP: '127.0.0.1',
        DAPR_API_TOKEN: apiToken,
        APP_API_TOKEN: appToken,
      },
    },
    probe: httpAnswers(`${url}/v1.0/healthz`),
    readyTimeoutMs: 30_000,
  });
  return { ...server, url, metricsAddress: `127.0.0.1:${ports.metrics}`, apiToken, appToken };
}
