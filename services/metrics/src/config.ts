import {
  commonConfig,
  commonEnv,
  envAddress,
  envBoolean,
  envDuration,
  envHeaderText,
  envInteger,
  envPort,
  envText,
  envTimeout,
  envUrl,
  envUrls,
  readConfig,
  prometheusAccess,
  prometheusEnv,
  type CommonConfig,
  type PrometheusAccess,
} from '@bud-monitoring/service-kit';
import { uncountedNetworkDevices, type AlertThresholds } from '@bud-monitoring/contracts';
import { parseRegex } from '@bud-monitoring/promql';
import { z } from 'zod';
import type { FairQueueOptions } from './domain/prometheus-api/upstream/fair-queue.js';
import type { Limits } from './domain/prometheus-api/request/limits.js';
import type { AlertTimes } from './domain/alerts/record.js';
import type { ScopeSettings } from './domain/promql/scope.js';

const mebibyte = 1024 * 1024;

/** A regular expression for the store, which would refuse every question with a broken one. */
function envRegex() {
  return envText()
    .refine((text) => parseRegex(text) !== undefined)
    .meta({ kind: 'text', expected: 'a regular expression (RE2)' });
}

/** Two numbers, `70,90`: from where on there is a warning, and from where on it is critical. */
function envLevels(most: number) {
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,3})?,\d{1,9}(\.\d{1,3})?$/)
    .refine((text) => {
      const [warning, critical] = numbersOf(text);
      return 0 < warning && warning < critical && critical <= most;
    })
    .meta({
      kind: 'levels',
      expected: `two numbers, warning below critical and at most ${most}, such as 70,90`,
    })
    .transform((text) => {
      const [warning, critical] = numbersOf(text);
      return { warning, critical };
    });
}

function numbersOf(text: string): [warning: number, critical: number] {
  const [warning, critical] = text.split(',').map(Number);
  return [warning ?? NaN, critical ?? NaN];
}

/** Every variable of bud-metrics. */
export const metricsEnv = z.object({
  ...commonEnv,
  PORT: envPort('8081'),
  APP_ID: commonEnv.APP_ID.prefault('bud-metrics'),
  PROMETHEUS_URL: envUrl().meta({ description: 'The Prometheus-compatible store.' }),
  ...prometheusEnv,
  PROMETHEUS_TIMEOUT: envTimeout().prefault('10s').meta({
    description: 'How long one question to the store may take, all tries together.',
  }),
  BUD_CLUSTER_APP_ID: envText()
    .prefault('bud-cluster')
    .meta({ description: 'Dapr app id of bud-cluster.' }),
  BUD_CLUSTER_TIMEOUT: envTimeout()
    .prefault('5s')
    .meta({ description: 'How long bud-cluster is waited for.' }),
  NODE_EXPORTER_JOB: envText().optional().meta({
    description: 'Only series of this job count as those of node-exporter; all unless set.',
  }),
  NETWORK_DEVICE_EXCLUDE: envRegex().prefault(uncountedNetworkDevices).meta({
    description: 'Anchored regular expression of network devices that do not count.',
  }),
  METRICS_CACHE_TTL_SECONDS: envInteger({ min: 0, max: 3600 })
    .prefault('30')
    .meta({ description: 'How long an answer is reused; 0 for never.' }),
  STALE_ANSWERS_FOR: envDuration().prefault('5m').meta({
    description: 'How long the last good answer is given, marked, while the store is away.',
  }),
  METRICS_CACHE_MAX_MIB: envInteger({ min: 0, max: 4096 })
    .prefault('64')
    .meta({ description: 'Most memory that reused answers take.' }),
  MAX_NODES: envInteger({ min: 1, max: 1_000_000 }).prefault('10000').meta({
    description:
      'Most nodes of a cluster, over the time asked for, that an answer is made of; a larger one is answered 422.',
  }),
  QUERY_MAX_RANGE: envDuration({ min: '1s' }).prefault('92d').meta({
    description: 'Longest range of a query through the scoped Prometheus API.',
  }),
  QUERY_MAX_POINTS: envInteger({ min: 1, max: 1_000_000 })
    .prefault('11000')
    .meta({ description: 'Most points a series of such a query.' }),
  QUERY_MAX_SERIES: envInteger({ min: 1, max: 10_000_000 })
    .prefault('50000')
    .meta({ description: 'Most series or values asked of the store (its `limit`, from 3.0 on).' }),
  QUERY_MAX_ANSWER_MIB: envInteger({ min: 1, max: 1024 })
    .prefault('64')
    .meta({ description: 'Largest answer that is handed on.' }),
  QUERY_MAX_LENGTH: envInteger({ min: 1, max: 1_000_000 })
    .prefault('16384')
    .meta({ description: 'Longest text of a query, characters.' }),
  QUERY_CONCURRENCY: envInteger({ min: 1, max: 1000 })
    .prefault('16')
    .meta({ description: 'Such queries at the store at once, of all clusters.' }),
  QUERY_CLUSTER_CONCURRENCY: envInteger({ min: 1, max: 1000 })
    .prefault('8')
    .meta({ description: 'Such queries at the store at once, of one cluster.' }),
  QUERY_WAITING: envInteger({ min: 0, max: 100_000 })
    .prefault('512')
    .meta({ description: 'Such queries that may wait for their turn; more are answered 429.' }),
  QUERY_TIMEOUT: envTimeout().prefault('30s').meta({
    description:
      'How long such a query may take, waiting for its turn included; a caller may ask for less by `timeout`.',
  }),
  QUERY_CACHE_MIB: envInteger({ min: 1, max: 4096 })
    .prefault('64')
    .meta({ description: 'Most memory that answers of such queries take.' }),
  QUERY_CACHE_FRESH: envDuration().prefault('5s').meta({
    description:
      'How long instant answers are reused; the newest points of a range for its step, at most six times as long.',
  }),
  QUERY_CACHE_SETTLED_AFTER: envDuration().prefault('10m').meta({
    description: 'Age from which points count as settled and are not asked for again.',
  }),
  QUERY_CACHE_EXTENT_TTL: envDuration().prefault('30m').meta({
    description: 'After this, settled points are asked for again: samples that came late are seen.',
  }),
  METRICS_SETTLED_MAX_MIB: envInteger({ min: 0, max: 4096 }).prefault('64').meta({
    description:
      'Most memory for what is not asked again: figures of past hours and days, and for a minute how large nodes are.',
  }),
  PROBE_TTL: envDuration().prefault('10m').meta({
    description: 'How long it is remembered which metrics a cluster has.',
  }),
  ALERT_CPU_USAGE: envLevels(100).prefault('70,90').meta({
    description: 'CPU usage (percent) from which on a node has a warning, and a critical alert.',
  }),
  ALERT_MEMORY_USAGE: envLevels(100)
    .prefault('80,95')
    .meta({ description: 'The same of memory usage (percent).' }),
  ALERT_DISK_USAGE: envLevels(100)
    .prefault('85,95')
    .meta({ description: 'The same of the usage of the root file system (percent).' }),
  ALERT_NETWORK_ERRORS: envLevels(1e9)
    .prefault('100,500')
    .meta({ description: 'The same of network errors a minute.' }),
  ALERT_NODE_NOT_READY: envBoolean()
    .prefault('true')
    .meta({ description: 'Whether a node that is not ready has a critical alert.' }),
  ALERT_FOR: envDuration()
    .prefault('5m')
    .meta({ description: 'How long a value must be so high before the alert fires.' }),
  ALERTMANAGER_URL: envUrls()
    .optional()
    .meta({ description: 'Alertmanagers that get the alerts as well, parted by commas.' }),
  ALERTMANAGER_TOKEN: envHeaderText()
    .optional()
    .meta({ secret: true, description: 'Bearer token for them.' }),
  ALERT_INTERVAL: envDuration().prefault('1m').meta({
    description: 'How often the fleet is evaluated; the cron binding must tick at least as often.',
  }),
  STREAM_INTERVAL: envTimeout()
    .prefault('15s')
    .meta({ description: 'How often a stream of metrics has new ones; at least 1s.' }),
  GRAFANA_SCHEME: z.enum(['http', 'https']).default('http').meta({
    description: 'How Grafana is reached; for /health/stack.',
  }),
  GRAFANA_URL: envAddress().optional().meta({
    description: 'Where Grafana is reached, for /health/stack; not asked unless set.',
  }),
});

/** The configuration as the code speaks; durations in milliseconds. */
export interface Config extends CommonConfig {
  readonly prometheus: PrometheusAccess & {
    readonly url: string;
    readonly timeoutMs: number;
  };
  readonly budCluster: { readonly appId: string; readonly timeoutMs: number };
  readonly store: ScopeSettings;
  readonly maxNodes: number;
  readonly cache: { readonly ttlMs: number; readonly staleMs: number; readonly maxBytes: number };
  /** The scoped Prometheus API. */
  readonly queries: {
    readonly limits: Limits;
    readonly maxResponseBytes: number;
    readonly queue: FairQueueOptions;
    readonly cacheBytes: number;
    readonly freshMs: number;
    readonly settledAfterSeconds: number;
    readonly extentSeconds: number;
  };
  readonly settledCacheBytes: number;
  readonly probeTtlMs: number;
  readonly alerts: {
    readonly defaults: AlertThresholds;
    readonly times: AlertTimes;
    readonly everyMs: number;
    readonly alertmanager: {
      readonly urls: readonly string[];
      readonly token?: string | undefined;
    } | null;
  };
  readonly streamEveryMs: number;
  readonly grafana: { readonly scheme: 'http' | 'https'; readonly url: string } | null;
}

/** Reads the environment; throws a `ConfigError` that lists every wrong variable. */
export function readMetricsConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values = readConfig(metricsEnv, env);
  return {
    ...commonConfig(values),
    prometheus: {
      url: values.PROMETHEUS_URL,
      ...prometheusAccess(values),
      timeoutMs: values.PROMETHEUS_TIMEOUT,
    },
    budCluster: { appId: values.BUD_CLUSTER_APP_ID, timeoutMs: values.BUD_CLUSTER_TIMEOUT },
    store: {
      networkDeviceExclude: values.NETWORK_DEVICE_EXCLUDE,
      nodeExporterJob: values.NODE_EXPORTER_JOB,
    },
    maxNodes: values.MAX_NODES,
    cache: {
      ttlMs: values.METRICS_CACHE_TTL_SECONDS * 1000,
      staleMs: values.STALE_ANSWERS_FOR,
      maxBytes: values.METRICS_CACHE_MAX_MIB * mebibyte,
    },
    queries: {
      limits: {
        maxRangeSeconds: values.QUERY_MAX_RANGE / 1000,
        maxPoints: values.QUERY_MAX_POINTS,
        maxSeries: values.QUERY_MAX_SERIES,
        maxQueryLength: values.QUERY_MAX_LENGTH,
        timeoutMs: values.QUERY_TIMEOUT,
      },
      maxResponseBytes: values.QUERY_MAX_ANSWER_MIB * mebibyte,
      queue: {
        total: values.QUERY_CONCURRENCY,
        perKey: values.QUERY_CLUSTER_CONCURRENCY,
        waiting: values.QUERY_WAITING,
      },
      cacheBytes: values.QUERY_CACHE_MIB * mebibyte,
      freshMs: values.QUERY_CACHE_FRESH,
      settledAfterSeconds: values.QUERY_CACHE_SETTLED_AFTER / 1000,
      extentSeconds: values.QUERY_CACHE_EXTENT_TTL / 1000,
    },
    settledCacheBytes: values.METRICS_SETTLED_MAX_MIB * mebibyte,
    probeTtlMs: values.PROBE_TTL,
    alerts: {
      defaults: {
        cpu_usage: values.ALERT_CPU_USAGE,
        memory_usage: values.ALERT_MEMORY_USAGE,
        disk_usage: values.ALERT_DISK_USAGE,
        network_errors: values.ALERT_NETWORK_ERRORS,
        node_not_ready: { enabled: values.ALERT_NODE_NOT_READY },
      },
      times: { hold: Math.ceil(values.ALERT_FOR / 1000), noData: 15 * 60, listed: 60 * 60 },
      everyMs: values.ALERT_INTERVAL,
      alertmanager:
        values.ALERTMANAGER_URL === undefined
          ? null
          : { urls: values.ALERTMANAGER_URL, token: values.ALERTMANAGER_TOKEN },
    },
    streamEveryMs: Math.max(1000, values.STREAM_INTERVAL),
    grafana: grafanaOf(values),
  };
}

function grafanaOf(values: z.output<typeof metricsEnv>): Config['grafana'] {
  if (values.GRAFANA_URL === undefined) return null;
  const { scheme = values.GRAFANA_SCHEME, address } = values.GRAFANA_URL;
  return { scheme, url: address };
}
