import { setTimeout as sleep } from 'node:timers/promises';
import { median, type Rows } from '../rows.js';
import { cluster, type ScopedStand } from './setup.js';

const refreshMs = 30_000;
const step = 60;
const day = 86_400;
/** Requests a browser has under way at once. */
const atOnce = 6;
const clients = 500;

/** Twenty panels as dashboards of a cluster have them: figures, lines by mode or namespace, some by node. */
const queries = [
  ...['avg', 'max', 'min', 'sum', 'count', 'stddev'].map((by) => `${by}(bench_load)`),
  ...['sum', 'avg', 'max'].map((by) => `${by} by (namespace) (bench_memory_bytes)`),
  ...['mode', 'namespace', 'mode, namespace'].map(
    (by) => `sum by (${by}) (rate(bench_cpu_seconds_total[5m]))`,
  ),
  ...['user', 'system', 'iowait', 'idle'].map(
    (mode) => `sum(rate(bench_cpu_seconds_total{mode="${mode}"}[5m])) / count(bench_load)`,
  ),
  'quantile(0.9, avg_over_time(bench_load[5m]))',
  '1 - avg(rate(bench_cpu_seconds_total{mode="idle"}[5m]))',
  'topk(5, bench_load)',
  'sum by (instance) (rate(bench_cpu_seconds_total{mode!="idle"}[5m]))',
];

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The last day, on the grid of the step as Grafana asks for it. */
function lastDay(): Span {
  const end = Math.floor(Date.now() / 1000 / step) * step;
  return { start: end - day, end };
}

/** One query over HTTP. */
type Asks = (query: string, span: Span) => Promise<string>;

const asksAt =
  (url: string, headers: Record<string, string> = {}, scope = ''): Asks =>
  async (query, { start, end }) => {
    // The bare store is asked for the same series.
    const text =
      scope === ''
        ? query
        : query.replace(/(bench_\w+)(?:\{([^}]*)\})?/, `$1{cluster="${scope}",$2}`);
    const body = new URLSearchParams({
      query: text,
      step: String(step),
      start: String(start),
      end: String(end),
    });
    const response = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body, headers });
    const answer = await response.text();
    if (response.status !== 200 || !answer.includes('"values"')) {
      throw new Error(`${query}: ${response.status} ${answer.slice(0, 300)}`);
    }
    return answer;
  };

/** All queries of the dashboard, a few at a time; milliseconds it took. */
async function draw(asks: Asks, span: Span, lines = atOnce): Promise<number> {
  const began = performance.now();
  const left = [...queries];
  const line = async () => {
    for (let query = left.shift(); query !== undefined; query = left.shift()) {
      await asks(query, span);
    }
  };
  await Promise.all(Array.from({ length: lines }, line));
  return performance.now() - began;
}

/** Counters of the store: samples read by queries, and range queries answered. */
async function counted(store: string): Promise<{ samples: number; requests: number }> {
  const text = await (await fetch(`${store}/metrics`)).text();
  const sum = (pattern: RegExp) =>
    [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    samples: sum(/^prometheus_engine_query_samples_total (\S+)$/gm),
    requests: sum(
      /^prometheus_http_requests_total\{.*handler="\/api\/v1\/query_range".*\} (\S+)$/gm,
    ),
  };
}

async function costOf<T>(store: string, work: () => Promise<T>) {
  const before = await counted(store);
  const result = await work();
  const after = await counted(store);
  return {
    result,
    samples: after.samples - before.samples,
    requests: after.requests - before.requests,
  };
}

const apiOf = (url: string) => `${url}/clusters/${cluster}/prometheus`;

/** The dashboard over a day, drawn again every half minute, with and without what we keep. */
export async function compareDashboard(
  rows: Rows,
  { store, service, queryFrontend, token }: ScopedStand,
  refreshes: number,
): Promise<void> {
  const kept = asksAt(apiOf(service), { authorization: `Bearer ${token}` });
  const bare = asksAt(store, {}, cluster);
  const peer = asksAt(queryFrontend, {}, cluster);
  const first = await costOf(store, () => draw(kept, lastDay()));
  await draw(peer, lastDay());
  const own: Awaited<ReturnType<typeof costOf<number>>>[] = [];
  const direct: typeof own = [];
  const frontend: typeof own = [];
  for (let round = 0; round < refreshes; round += 1) {
    await sleep(refreshMs - (Date.now() % refreshMs) + 1000);
    const span = lastDay();
    own.push(await costOf(store, () => draw(kept, span)));
    frontend.push(await costOf(store, () => draw(peer, span)));
    direct.push(await costOf(store, () => draw(bare, span)));
  }
  const total = (costs: typeof own) => costs.reduce((sum, { samples }) => sum + samples, 0);
  const share = total(own) / total(direct);
  // Extents live for half an hour, and are fetched whole then.
  const perHalfHour = 1_800_000 / refreshMs;
  const whole =
    (first.samples + (perHalfHour - 1) * share * first.samples) / (perHalfHour * first.samples);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  rows.add(
    `samples the store reads for ${queries.length} range queries over 24 h in steps of ${step} s, every 30 s, ${refreshes} times, against asking it all`,
    `${percent(share)}; with the whole that is fetched once in 30 min ${percent(whole)}`,
    'at most 1 % of each refresh',
  );
  const [fast, slow, between] = [own, direct, frontend].map((costs) =>
    median(costs.map(({ result }) => result)),
  );
  const worst = Math.max(...own.map(({ result }) => result));
  rows.add(
    'time of such a refresh against the bare store',
    `${(slow ?? 0).toFixed(0)} ms against ${(fast ?? 0).toFixed(0)} ms (slowest ${worst.toFixed(0)} ms): ${((slow ?? 0) / (fast ?? 1)).toFixed(1)} × faster`,
    'at least 10 ×',
  );
  rows.add(
    "the same refresh through Thanos' query-frontend with its cache, without authentication or scope",
    `${(between ?? 0).toFixed(0)} ms, ${percent(total(frontend) / total(direct))} of the samples`,
    'told beside it',
  );
}

/** Many clients draw the same dashboard at once. */
export async function crowd(rows: Rows, { store, service, token }: ScopedStand): Promise<void> {
  const asks = asksAt(apiOf(service), { authorization: `Bearer ${token}` });
  const span = { start: lastDay().start - 600, end: lastDay().end - 600 };
  const all = await costOf(store, () =>
    Promise.all(
      Array.from({ length: clients }, () => draw(asks, { ...span, start: span.end - 7200 }, 1)),
    ),
  );
  // Another grid: nothing is kept of it.
  const later = { start: span.end - 7200 + 7, end: span.end + 7 };
  const alone = await costOf(store, () => draw(asks, later));
  rows.add(
    `${clients} clients draw a dashboard of ${queries.length} queries at once (2 h)`,
    `${all.requests} requests to the store for ${all.samples} samples; one client alone ${alone.requests} for ${alone.samples}`,
    'what one client causes',
  );
}
