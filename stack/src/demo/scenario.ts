import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@bud-monitoring/client';
import { createPrometheusClient } from '@bud-monitoring/client/prometheus';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { selector } from '@bud-monitoring/promql';
import {
  demoFleet,
  demoPlan,
  fleetForBudCluster,
  fleetScrapeConfig,
  fleetSeries,
  loadHistory,
  RECENT_SPACING,
  startExporter,
  type HistoryProgress,
} from '../fleet/index.js';
import type { PrometheusOptions, Stack } from '../options.js';
import type { ProductOptions } from '../product.js';
import type { Env } from '../programs/env.js';
import { productScrapes } from '../scrape-product.js';
import type { ScrapeConfig } from '../servers/prometheus.js';

/** The `cluster` label of this machine's own series. */
const LIVE_CLUSTER = 'b0d00000-0000-4000-8000-00000000c0de';
/** Two months are compared, so both must be kept. */
const RETENTION = '90d';
/** Rates need two samples: a short interval gives the first figures soon. */
const LIVE_INTERVAL = '2s';
const LIVE_UP = selector('up', [{ label: 'cluster', op: '=', value: LIVE_CLUSTER }]);
const FLEET_UP = selector('up', [{ label: 'job', op: '=', value: 'fleet' }]);
const SCRAPED = `count_over_time(${LIVE_UP}[5m]) >= 3 and on () ${FLEET_UP} == 1`;
const SCRAPED_TIMEOUT_MS = 30_000;
const POLL_MS = 300;
const MOST_CLUSTERS = 6;

export interface DemoCluster {
  id: string;
  name: string;
}

/** What the demo shows: clusters, where their figures come from, and what is left out. */
export interface Scenario extends AsyncDisposable {
  clusters: readonly DemoCluster[];
  /** The cluster that is this machine, where we have a store to put it into. */
  live: DemoCluster | null;
  /** What the product is started with beside its environment. */
  product: Pick<ProductOptions, 'fleet' | 'prometheus' | 'nodeExporter'>;
  /** Once the stack runs: has the store scrape this machine too. */
  begin: (stack: Stack) => Promise<void>;
  /** Resolves when there are live figures. */
  filled: (stack: Stack, signal: AbortSignal) => Promise<void>;
  leftOut: readonly string[];
}

/** Callbacks while history is loaded. */
export interface HistoryListener {
  onHistory: () => void;
  onProgress: (progress: HistoryProgress) => void;
  onLoaded: () => void;
}

/** The generated fleet with its history, and this machine, in a Prometheus of our own. */
export async function generatedScenario(
  watch: HistoryListener,
  signal: AbortSignal,
): Promise<Scenario> {
  const fleet = demoFleet({ anchor: Math.floor(systemClock.now() / 1000) });
  const series = fleetSeries(fleet);
  const exporter = await startExporter({ series, clock: systemClock, spacing: RECENT_SPACING });
  const scrapeFleet = fleetScrapeConfig(exporter.address, '5s');
  const live = { id: LIVE_CLUSTER, name: 'this-machine' };

  const prepare: PrometheusOptions['prepare'] = async (paths) => {
    watch.onHistory();
    const plan = demoPlan(Math.floor(systemClock.now() / 1000));
    await loadHistory({ ...paths, series, plan, signal, onProgress: watch.onProgress });
    watch.onLoaded();
  };
  return {
    clusters: [...fleet.clusters.map(({ id, name }) => ({ id, name })), live],
    live,
    product: {
      fleet: [...fleetForBudCluster(fleet), thisMachine(live)],
      prometheus: { retention: RETENTION, scrapeConfigs: [scrapeFleet], prepare },
      nodeExporter: true,
    },
    begin: async (stack) =>
      stack.prometheus?.scrape([
        scrapeFleet,
        scrapeThisMachine(stack.nodeExporter),
        ...productScrapes(stack),
      ]),
    filled: ({ prometheus }, stop) => untilScraped(prometheus?.url ?? '', stop),
    leftOut: [],
    [Symbol.asyncDispose]: () => exporter.close(),
  };
}

/** The clusters in an existing store; nothing is written to it. */
export async function existingStoreScenario(
  url: string,
  env: Env,
  signal: AbortSignal,
): Promise<Scenario> {
  const caFile = env['PROMETHEUS_CA_FILE'];
  const prometheus = createPrometheusClient({
    url,
    token: env['PROMETHEUS_TOKEN'],
    username: env['PROMETHEUS_USERNAME'],
    password: env['PROMETHEUS_PASSWORD'],
    tenant: env['PROMETHEUS_TENANT'],
    ca: caFile ? await readFile(caFile, 'utf8') : undefined,
  });
  const end = systemClock.now() / 1000;
  const found = await prometheus.labelValues('cluster', { start: end - 86_400, end, signal });
  const ids = [
    ...new Set(found.values.flatMap((label) => clusterIdSchema.safeParse(label).data ?? [])),
  ];
  if (ids.length === 0) {
    throw new Error(
      'the store at PROMETHEUS_URL has no series whose cluster label is a UUID; ' +
        'without PROMETHEUS_URL the demo brings its own store and fleet',
    );
  }
  const clusters = ids.slice(0, MOST_CLUSTERS).map((id) => ({ id, name: id }));
  return {
    clusters,
    live: null,
    product: { fleet: [] },
    begin: () => Promise.resolve(),
    filled: () => Promise.resolve(),
    leftOut: [
      'PROMETHEUS_URL is set: no history was generated and this machine is not scraped, since both would have to be written to that store.',
      `Shown are ${clusters.length} of the ${ids.length} clusters it has; bud-cluster knows none of them, so hardware and events are missing.`,
    ],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Queries the store, not bud-metrics, which would cache its first, empty result. */
async function untilScraped(url: string, signal: AbortSignal): Promise<void> {
  const prometheus = createPrometheusClient({ url });
  const deadline = performance.now() + SCRAPED_TIMEOUT_MS;
  for (;;) {
    const { series } = await prometheus.query(SCRAPED, { signal });
    if (series.length > 0) return;
    if (performance.now() > deadline) {
      throw new Error('Prometheus does not scrape the fleet and the node-exporter of this machine');
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** This machine as bud-cluster would list it. */
function thisMachine({ id, name }: DemoCluster): ProductOptions['fleet'][number] {
  const [cpu] = cpus();
  const processor = {
    kind: 'cpu',
    name: cpu?.model ?? 'CPU',
    vendor: '',
    count: availableParallelism(),
  } as const;
  const node = { name: hostname(), internalIp: '127.0.0.1', type: 'cpu' } as const;
  return { clusterId: id, name, nodes: [{ ...node, hardware: [processor], events: [] }] };
}

/** The label is what remote write adds to a cluster's series. */
function scrapeThisMachine(exporter: Stack['nodeExporter']): ScrapeConfig {
  return {
    job_name: 'node-exporter',
    scrape_interval: LIVE_INTERVAL,
    scrape_timeout: LIVE_INTERVAL,
    static_configs: [{ targets: [exporter?.address ?? ''], labels: { cluster: LIVE_CLUSTER } }],
  };
}
