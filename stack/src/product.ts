import { setTimeout as sleep } from 'node:timers/promises';
import { service } from './apps.js';
import { consoleSettings } from './console.js';
import type { GrafanaAddress, PrometheusOptions, Stack, StackOptions } from './options.js';
import type { Env } from './programs/env.js';
import type { Report } from './programs/report.js';
import { productScrapes } from './scrape-product.js';
import { serviceSettings } from './settings.js';
import { startStack } from './stack.js';
import { startFakeBudCluster } from './fakes/fake-bud-cluster/server.js';
import type { FleetCluster } from './fakes/fake-bud-cluster/types.js';

const DEFAULT_GATEWAY_PORT = 8080;
const READY_TIMEOUT_MS = 60_000;

/** The whole product: what the environment does not name is started here. */
export interface ProductOptions {
  /**
   * GATEWAY_PORT, GATEWAY_CORS_ORIGINS, CONSOLE and CONSOLE_*, PROMETHEUS_PORT, GRAFANA_PORT; OWN_APP_ID, OWN_APP_PORT; PROMETHEUS_URL,
   * GRAFANA_URL, REDIS_HOST; PATH; and the settings of the services.
   */
  env: Env;
  /** What the fake bud-cluster knows. */
  fleet: readonly FleetCluster[];
  prometheus?: PrometheusOptions;
  nodeExporter?: boolean;
  /** Called with each line that a service logs. */
  onLine?: (appId: string, line: string) => void;
  /** For `npm run dev`: a service may end and be started again. */
  development?: boolean;
  report?: Report;
  signal?: AbortSignal;
}

/** What the services are told here unless the environment says otherwise: this Prometheus scrapes them. */
const usual = {
  metrics: {},
  dashboard: { PRODUCT_DASHBOARD: 'true', FLEET_DASHBOARD: 'true' },
} as const;

/** Starts both services with all they depend on and waits until both answer through the gateway. */
export async function startProduct(options: ProductOptions): Promise<Stack> {
  const { env, fleet, prometheus = {}, nodeExporter = false, report, signal } = options;
  const services = (['metrics', 'dashboard'] as const).map((name) => ({
    ...service(name, { ...usual[name], ...serviceSettings(name, env) }),
    ...(options.onLine && { onLine: options.onLine }),
    ...(options.development && { mayEnd: true }),
  }));
  const stack = await startStack({
    env,
    ...(report && { report }),
    ...(signal && { signal }),
    nodeExporter,
    redis: redisFrom(env),
    prometheus: env['PROMETHEUS_URL']
      ? { url: env['PROMETHEUS_URL'] }
      : { ...port(env, 'PROMETHEUS_PORT'), ...prometheus },
    grafana: grafanaFrom(env),
    gateway: {
      port: DEFAULT_GATEWAY_PORT,
      ...port(env, 'GATEWAY_PORT'),
      corsOrigins: (env['GATEWAY_CORS_ORIGINS'] ?? '').split(/\s+/).filter(Boolean),
      console: consoleSettings(env),
    },
    ...(env['OWN_APP_ID'] && {
      ownApp: { appId: env['OWN_APP_ID'], ...port(env, 'OWN_APP_PORT') },
    }),
    apps: [
      ...services,
      {
        appId: 'bud-cluster',
        start: ({ port, dapr }) => startFakeBudCluster({ fleet, port, appApiToken: dapr.appToken }),
      },
    ],
  });
  try {
    await stack.prometheus?.scrape([...(prometheus.scrapeConfigs ?? []), ...productScrapes(stack)]);
    await untilBothAnswer(stack, signal);
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function untilBothAnswer(stack: Stack, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (const name of ['metrics', 'dashboards']) {
    while (!(await answers(`${stack.gateway?.url ?? ''}/api/${name}/openapi.json`))) {
      signal?.throwIfAborted();
      if (performance.now() > deadline) {
        throw new Error(`/api/${name} does not answer through the gateway`);
      }
      await sleep(200);
    }
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => null);
  await response?.body?.cancel();
  return response?.ok === true;
}

function redisFrom(env: Env): NonNullable<StackOptions['redis']> {
  const address = env['REDIS_HOST'];
  return address ? { address, password: env['REDIS_PASSWORD'] ?? '' } : true;
}

function grafanaFrom(env: Env): GrafanaAddress | boolean | { port: number } {
  const url = env['GRAFANA_URL'];
  if (url) return { scheme: env['GRAFANA_SCHEME'] ?? 'http', url, environment: {} };
  const { port: wanted } = port(env, 'GRAFANA_PORT');
  return wanted === undefined ? true : { port: wanted };
}

function port(env: Env, name: string): { port?: number } {
  const text = env[name];
  if (text === undefined || text === '') return {};
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return { port: number };
  throw new Error(`${name} is "${text}"; it must be a port from 1 to 65535`);
}
