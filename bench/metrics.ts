import { cpus, loadavg } from 'node:os';
import { startStack } from '@bud-monitoring/stack';
import { call, get } from './metrics/bare-client.js';
import { end, isDense, knownClusters, putBlocks } from './metrics/data.js';
import { createSections, type Bench } from './metrics/sections.js';
import { startRecorder } from './metrics/recorder.js';
import { createCaller, emptyBudCluster, frozenService, prometheusOf } from './metrics/service.js';
import { keepResults, Rows } from './rows.js';

/**
 * bud-metrics on real daprd, Redis and Prometheus. Ratios: all sides ask the same store in one run.
 * Arguments name the sections to run; all of them without.
 */
const wanted = process.argv.slice(2);
const say = (line: string) => console.error(line);
const rows = new Rows();
const nothingKept = { METRICS_CACHE_TTL_SECONDS: '0', METRICS_SETTLED_MAX_MIB: '0' };
const recorder = await startRecorder();
await using stack = await startStack({
  report: say,
  prometheus: {
    retention: '20y',
    // No compaction in the middle of a measurement.
    flags: ['--storage.tsdb.min-block-duration=18h', '--storage.tsdb.max-block-duration=18h'],
    prepare: (paths) => putBlocks(paths, say),
  },
  apps: [
    frozenService(nothingKept),
    frozenService(),
    frozenService(),
    frozenService({ ...nothingKept, PROMETHEUS_URL: recorder.url }),
    frozenService({ METRICS_CACHE_TTL_SECONDS: '0' }),
    emptyBudCluster,
  ],
});
const store = prometheusOf(stack);
recorder.target = store;
const app = (replica: number) => stack.app('bud-metrics', replica);
const token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
const bench: Bench = {
  clusters: knownClusters(),
  store,
  recorder,
  token,
  apps: { uncached: app(0), cached: app(1), fresh: app(2), recorded: app(3), settled: app(4) },
  directory: stack.directory,
  answer: createCaller(token),
  tell: (what, figure, goal) => rows.add(what, figure, goal),
};

const { text } = await call(store, get('/api/v1/status/buildinfo'), { keep: true });
const { version } = (JSON.parse(text) as { data: { version: string } }).data;

for (const [name, measure] of Object.entries(createSections(bench))) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await measure().catch((error: unknown) => {
    bench.tell(`section ${name}`, `not measured: ${String(error).slice(0, 200)}`, 'a figure');
  });
  if (wanted.length === 0 && !isDense) await keepResults('metrics', document());
}
await recorder.close();
if (isDense) await keepResults('metrics-dense', document());
console.log(document());

function document(): string {
  const [one = 0] = loadavg();
  return rows.document('bud-metrics', [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, Prometheus ${version}, ${cpus().length} cores shared by`,
    `everything: service, daprd, Redis, Prometheus and whoever asks. Made by \`${isDense ? 'BENCH_DENSE=1 npm run bench:metrics memory' : 'npm run bench:metrics'}\`.`,
    `Load of the machine at the end: ${one.toFixed(1)} (above 3 somebody else was busy, too).`,
    '',
    `Samples of generated clusters end at ${new Date(end * 1000).toISOString()}, where the service's clock`,
    'stands still: "today" has 18 hours.',
  ]);
}
