import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { httpAnswers } from '../processes/ready.js';
import type { Server, StartServer } from './server.js';

const TEMPLATE = new URL('../../gateway/nginx.conf.template', import.meta.url);

/** The console as the gateway serves it; an empty text for what there is not. */
export interface ConsoleOptions {
  /** Its built files. */
  directory: string;
  /** Who signs its users in, as which client; without both they bring a token. */
  issuer: string;
  clientId: string;
  scope: string;
  /** Further origins that the issuer's answers come from, separated by spaces. */
  issuerOrigins: string;
  /** Whom tokens are for. */
  audience: string;
  /** What a browser opens Grafana by. */
  grafanaUrl: string;
}

/** What the gateway leads to. */
export interface GatewayOptions {
  start: StartServer;
  /** Where its own directory goes. */
  directory: string;
  program: string;
  /** What it is a part of; a program of this machine unless told. */
  image?: string | undefined;
  port: number;
  /** The gateway's own sidecar. */
  dapr: { address: string; apiToken: string };
  /** bud-metrics itself, for event streams. */
  metricsAddress: string;
  metricsAppId: string;
  dashboardAppId: string;
  /** How long an answer may take before it is a 504; 65 s unless told. */
  readTimeoutSeconds?: number;
  /** Origins of pages that may call the API from elsewhere; none unless told. */
  corsOrigins?: readonly string[];
  /** None is served unless told. */
  console?: ConsoleOptions | undefined;
  /** What may be under way at once: 1,000 requests of an address, 200 and 50 streams of a token, unless told. */
  limits?: { requestsPerAddress?: number; requestsPerToken?: number; streamsPerToken?: number };
}

export interface Gateway extends Server {
  url: string;
  /** Absent where none is served. */
  console?: { url: string; issuer: string };
}

/** nginx in front of the services. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { program, image, port } = options;
  const directory = join(options.directory, `gateway-${port}`);
  await mkdir(directory, { mode: 0o700 });
  const file = join(directory, 'nginx.conf');
  const consoleDirectory = join(directory, 'console');
  if (options.console) await cp(options.console.directory, consoleDirectory, { recursive: true });
  const text = renderGateway(await readFile(TEMPLATE, 'utf8'), {
    GATEWAY_RUN_DIRECTORY: directory,
    GATEWAY_ACCESS_LOG: 'off', // containers: `/dev/stdout line`, which our pipe cannot be opened as
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    GATEWAY_DAPR_ADDRESS: options.dapr.address,
    GATEWAY_DAPR_API_TOKEN: options.dapr.apiToken,
    GATEWAY_METRICS_ADDRESS: options.metricsAddress,
    GATEWAY_METRICS_APP_ID: options.metricsAppId,
    GATEWAY_DASHBOARD_APP_ID: options.dashboardAppId,
    GATEWAY_CORS_ORIGINS: (options.corsOrigins ?? []).join(' '),
    GATEWAY_CONSOLE: options.console ? 'on' : 'off',
    GATEWAY_CONSOLE_DIRECTORY: consoleDirectory,
    GATEWAY_CONSOLE_ISSUER: options.console?.issuer ?? '',
    GATEWAY_CONSOLE_CLIENT_ID: options.console?.clientId ?? '',
    GATEWAY_CONSOLE_SCOPE: options.console?.scope ?? '',
    GATEWAY_CONSOLE_AUDIENCE: options.console?.audience ?? '',
    GATEWAY_CONSOLE_ISSUER_ORIGINS: options.console?.issuerOrigins ?? '',
    GATEWAY_CONSOLE_GRAFANA: options.console?.grafanaUrl ?? '',
    GATEWAY_READ_TIMEOUT: `${options.readTimeoutSeconds ?? 65}s`,
    GATEWAY_REQUESTS_PER_ADDRESS: String(options.limits?.requestsPerAddress ?? 1000),
    GATEWAY_REQUESTS_PER_TOKEN: String(options.limits?.requestsPerToken ?? 200),
    GATEWAY_STREAMS_PER_TOKEN: String(options.limits?.streamsPerToken ?? 50),
  });
  await writeFile(file, text, { mode: 0o600 });
  // Started by root, nginx would hand its work to a user that may not open our directory.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : '';
  const url = `http://127.0.0.1:${port}`;
  const server = await options.start({
    process: {
      name: 'gateway',
      command: [program, '-p', directory, '-c', file, '-e', 'stderr', '-g', `daemon off; ${user}`],
      cwd: directory,
      image,
      tier: 3,
    },
    probe: httpAnswers(`${url}/api`, {}, (status) => status === 404),
    readyTimeoutMs: 30_000,
  });
  return {
    ...server,
    url,
    ...(options.console && { console: { url: `${url}/`, issuer: options.console.issuer } }),
    async start() {
      // A killed nginx leaves its sockets behind, and the next one would not start on them.
      await Promise.all(
        ['errors.sock', 'sidecar.sock'].map((name) => rm(join(directory, name), { force: true })),
      );
      await server.start();
    },
  };
}

/** Fills in `${GATEWAY_...}` as envsubst does in a container. Throws on a variable without a value. */
function renderGateway(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{(GATEWAY_[A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the gateway's template asks for ${name}`);
    return value;
  });
}
