import { cp, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { service, startStack, type RunningApp } from '@bud-monitoring/stack';
import { ask, call, get } from '../metrics/bare-client.js';
import { cpuSeconds, peakMb, procOf } from '../process-cost.js';
import { startWriting } from './data.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What something took: seconds, requests to the store, samples it read, processor seconds. */
export interface Cost {
  readonly seconds: number;
  readonly requests: number;
  readonly samples: number;
  readonly cpu: { readonly service: number; readonly store: number };
}

/** A store with a fleet, and bud-metrics in front of it. */
export interface FleetStand extends AsyncDisposable {
  readonly series: number;
  /** How long it took to write them, seconds. */
  readonly filled: number;
  /** Keeps no answer, and evaluates at every tick. */
  readonly uncached: RunningApp;
  /** As it is out of the box. */
  readonly usual: RunningApp;
  /** Asks as a caller with a token. */
  answer(app: RunningApp, path: string): Promise<string>;
  /** Ticks as the cron binding does. */
  tick(app: RunningApp): Promise<void>;
  /** Lets the store evaluate the recording rules once; gives back how long that took, seconds. */
  recordOnce(): Promise<number>;
  /** Lets it evaluate them as in the field. */
  loadRules(interval?: string): Promise<void>;
  costOf(app: RunningApp, work: () => Promise<unknown>): Promise<Cost>;
  memory(): Promise<{ service: number; store: number }>;
}

/** How long a store that was just filled is left alone, and how long it is looked at then (ms). */
const [settleMs, restMs] = [10_000, 20_000];

export async function startFleetStand(clusters: number): Promise<FleetStand> {
  const components = await mkdtemp(join(tmpdir(), 'bench-components-'));
  await cp(join(root, 'components'), components, { recursive: true });
  // The bench ticks itself.
  await rm(join(components, 'evaluate-alerts.yaml'));
  const sidecar = { resources: components };
  let scratch = '';
  const stack = await startStack({
    report: (line) => console.error(line),
    prometheus: {
      version: '3',
      config: { rule_files: ['rules/*.yaml'] },
      prepare: ({ scratchDirectory }) => {
        scratch = scratchDirectory;
        return Promise.resolve();
      },
    },
    apps: [
      {
        ...service('metrics', {
          LOG_LEVEL: 'error',
          METRICS_CACHE_TTL_SECONDS: '0',
          PROMETHEUS_TIMEOUT: '60s',
          ALERT_INTERVAL: '1s',
        }),
        sidecar,
      },
      { ...service('metrics', { LOG_LEVEL: 'error' }), sidecar },
    ],
  });
  const { prometheus } = stack;
  if (prometheus === undefined) throw new Error('the stack has no Prometheus');
  const store = prometheus.url;
  const began = performance.now();
  const writing = new AbortController();
  const { series, ended } = await startWriting(store, clusters, writing.signal);
  const filled = (performance.now() - began) / 1000;
  const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
  const storeProc = await procOf(store);
  const writtenTo = await rateOf(storeProc);

  async function counted() {
    const { text } = await call(store, get('/metrics'), { keep: true });
    const sum = (pattern: RegExp) =>
      [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
    return {
      requests: sum(
        /^prometheus_http_requests_total\{[^}]*handler="\/api\/v1\/(?!write)[^}]*\} (\S+)$/gm,
      ),
      samples: sum(/^prometheus_engine_query_samples_total (\S+)$/gm),
      rules: sum(/^prometheus_rule_group_last_duration_seconds\{[^}]*\} (\S+)$/gm),
    };
  }

  async function loadRules(interval = '1m') {
    const rules = await readFile(join(root, 'deploy/rules/fleet.yaml'), 'utf8');
    await mkdir(join(scratch, 'rules'), { recursive: true });
    const own = rules.replace('interval: 1m', `interval: ${interval}`);
    await writeFile(join(scratch, 'rules', 'fleet.yaml'), own);
    await prometheus?.scrape([]);
  }

  return {
    series,
    filled,
    uncached: stack.app('bud-metrics', 0),
    usual: stack.app('bud-metrics', 1),
    async answer(app, path) {
      const headers = { authorization: `Bearer ${token}` };
      const { status, text } = await call(app.url, get(path), { headers, keep: true });
      if (status !== 200) throw new Error(`${path} answered ${status}: ${text.slice(0, 300)}`);
      return text;
    },
    async tick({ url, sidecar: { appToken } }) {
      const sent = { method: 'POST', path: '/evaluate-alerts', body: '' };
      const headers = { 'dapr-api-token': appToken };
      const { status } = await call(url, sent, { headers });
      if (status !== 200) throw new Error(`the tick was answered ${status}`);
    },
    loadRules,
    async recordOnce() {
      await loadRules('20s');
      let seconds = 0;
      while (seconds === 0) {
        await sleep(200);
        seconds = (await counted()).rules;
      }
      // No evaluation in the middle of a measurement.
      await loadRules('30m');
      const found = await ask(store, 'query', { query: 'cluster:bud_alert_node_not_ready:max' });
      if (found.length < clusters) throw new Error(`the rules speak of ${found.length} clusters`);
      return seconds;
    },
    async costOf(app, work) {
      const serviceProc = await procOf(app.url);
      const before = await counted();
      const cpu = [await cpuSeconds(serviceProc), await cpuSeconds(storeProc)];
      const start = performance.now();
      await work();
      const seconds = (performance.now() - start) / 1000;
      const spent = [await cpuSeconds(serviceProc), await cpuSeconds(storeProc)];
      const after = await counted();
      const of = (n: 0 | 1) => (spent[n] ?? 0) - (cpu[n] ?? 0);
      return {
        seconds,
        requests: after.requests - before.requests,
        samples: after.samples - before.samples,
        cpu: { service: of(0), store: Math.max(0, of(1) - writtenTo * seconds) },
      };
    },
    memory: async () => ({
      service: Math.max(
        await peakMb(await procOf(stack.app('bud-metrics', 0).url)),
        await peakMb(await procOf(stack.app('bud-metrics', 1).url)),
      ),
      store: await peakMb(storeProc),
    }),
    async [Symbol.asyncDispose]() {
      writing.abort();
      await ended;
      await stack.stop();
      await rm(components, { recursive: true });
    },
  };
}

/** Processor time a second of a process that is left alone. */
async function rateOf(proc: string): Promise<number> {
  await sleep(settleMs);
  const before = await cpuSeconds(proc);
  await sleep(restMs);
  return (1000 * ((await cpuSeconds(proc)) - before)) / restMs;
}
