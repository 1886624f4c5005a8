import {
  loadSeries,
  openThanos,
  ramp,
  series,
  service,
  startLabelProxy,
  startQueryFrontend,
  startStack,
} from '@bud-monitoring/stack';

export const cluster = '0f000000-0000-4000-8000-00000000b001';
const stranger = '0f000000-0000-4000-8000-00000000b002';
const nodes = 100;
/** The clusters of a person's claim. */
export const claimed = Array.from(
  { length: 1000 },
  (_, n) =>
    `${((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}-0000-4000-8000-00000000b003`,
);
const hour = 3600;
const interval = 15;

/** One Prometheus with a day and a bit of two clusters, and what stands in front of it. */
export interface ScopedStand extends AsyncDisposable {
  readonly store: string;
  /** prom-label-proxy, held to our cluster. */
  readonly labelProxy: string;
  /** Thanos' query-frontend, with its cache of range queries in memory. */
  readonly queryFrontend: string;
  /** bud-metrics as it is configured out of the box, and a token for it. */
  readonly service: string;
  readonly token: string;
  /** A token whose claim names `claimed`. */
  readonly fleetToken: string;
  /** Without authentication and without a log line for each request, as prom-label-proxy is. */
  readonly bare: string;
}

export async function startScopedStand(): Promise<ScopedStand> {
  const now = Math.floor(Date.now() / 1000 / 60) * 60;
  const stack = await startStack({
    prometheus: {
      version: '3',
      prepare: async ({ dataDirectory, promtool }) => {
        // Some future too, so that there are samples while the bench runs.
        const span = { start: now - 26 * hour, end: now + 2 * hour, interval };
        await loadSeries({ ...span, series: fleet(), dataDirectory, promtool });
        await loadSeries({ ...span, interval: 120, series: members(), dataDirectory, promtool });
      },
    },
    apps: [service('metrics'), service('metrics', { AUTH_MODE: 'off', LOG_LEVEL: 'error' })],
    report: (line) => console.error(line),
  });
  const store = stack.prometheus?.url ?? '';
  const report = (line: string) => console.error(line);
  const labelProxy = await startLabelProxy({ upstream: store, cluster, env: process.env, report });
  const thanos = await openThanos({ env: process.env, report });
  const queryFrontend = await startQueryFrontend(thanos, store);
  const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
  const fleetToken = await stack.identity.mintToken({
    permissions: ['cluster:view'],
    extra: { clusters: claimed },
  });
  const [guarded, bare] = [stack.app('bud-metrics', 0), stack.app('bud-metrics', 1)];
  return {
    store,
    labelProxy: labelProxy.url,
    queryFrontend: queryFrontend.url,
    token,
    fleetToken,
    service: guarded.url,
    bare: bare.url,
    async [Symbol.asyncDispose]() {
      await thanos.stop();
      await labelProxy.stop();
      await stack.stop();
    },
  };
}

/** Per node: CPU time of four modes, and memory and load of ten namespaces' share. */
function fleet() {
  return [cluster, stranger].flatMap((id, own) =>
    Array.from({ length: own === 0 ? nodes : 4 }, (_, index) => {
      const labels = { cluster: id, job: 'node-exporter', instance: `10.0.0.${index}:9100` };
      const wave = (scale: number) => (_elapsed: number, time: number) =>
        Math.round(scale * (1 + Math.sin(time / 700 + index)) * 1000) / 1000;
      const namespace = `team-${index % 10}`;
      return [
        series('bench_load', labels, wave(4)),
        series('bench_memory_bytes', { ...labels, namespace }, wave(2 ** 30)),
        ...['idle', 'user', 'system', 'iowait'].map((mode, n) =>
          series('bench_cpu_seconds_total', { ...labels, mode, namespace }, ramp(0.1 * (n + 1))),
        ),
      ];
    }).flat(),
  );
}

/** A series of each cluster of the claim, and of as many that are not in it. */
function members() {
  return claimed.flatMap((id) =>
    [id, id.replace(/b003$/, 'b004')].map((cluster) =>
      series('bench_member', { cluster, job: 'member', instance: 'one' }, ramp(1)),
    ),
  );
}
