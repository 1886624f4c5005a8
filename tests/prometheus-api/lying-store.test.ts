import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { remoteWrite, type WrittenSeries } from '../../stack/src/fleet/index.js';
import { createRandom } from '../metrics/property/random.js';
import { startService, type TestService } from '../metrics/support/service.js';
import { apiOf, call, type Pairs } from './support/call.js';
import { lies, startLyingStore, type Lie, type LyingStore } from './support/lying-store.js';
import { createTruth, pointsOf, type Truth } from './support/truth.js';

/** `npm run test:cache` runs for ten minutes. */
const minutes = Number(process.env['CACHE_MINUTES'] ?? '0.3');
const seed = Number(process.env['SEED'] ?? Date.now() % 1e6);

const cluster = '11110000-0000-4000-8000-00000000000c';
const interval = 15;
const end = Math.floor(Date.now() / 1000 / 600) * 600;
const span = { start: end - 6 * 3600, end };
const instances = ['a', 'b', 'c', 'd'];
const queries = ['load', 'sum by (half) (load)', 'rate(work_total[2m])', 'count(load)'];
const steps = [15, 30, 60, 300];

/** As the service is configured. */
const freshMs = 5_000;
const extentMs = 30 * 60_000;
const settledSeconds = 600;
const refusedMs = 10_000;
/** How long the circuit breaker stays open after failures, ms. */
const breakerMs = 12_000;

const { next, pick } = createRandom(seed);

/** Samples are held back for one instance in this part of the time, and written late. */
const held = { instance: 'b', start: end - 4 * 3600, end: end - 2 * 3600 };
const isHeld = (instance: string, time: number) =>
  instance === held.instance && time >= held.start && time < held.end;

function samplesOf(isWanted: (instance: string, time: number) => boolean): WrittenSeries[] {
  return instances.flatMap((instance, n) => {
    const times: number[] = [];
    for (let time = span.start; time <= span.end; time += interval)
      if (isWanted(instance, time)) times.push(time);
    const labels = { cluster, instance, half: n < 2 ? 'one' : 'two' };
    const of = (name: string, value: (time: number) => number) => ({
      labels: { __name__: name, ...labels },
      samples: times.map((time) => ({ time: time * 1000, value: value(time) })),
    });
    return [
      of('load', (time) => Math.round(100 * Math.sin(time / 900 + n)) / 100),
      of('work_total', (time) => (n + 1) * (time - span.start)),
    ].filter(({ samples }) => samples.length > 0);
  });
}

let stack: Stack;
let lying: LyingStore;
let service: TestService;
let truth: Truth;
const now = () => service.now * 1000;

beforeAll(async () => {
  stack = await startStack({
    prometheus: {
      version: '3',
      config: { storage: { tsdb: { out_of_order_time_window: '12h' } } },
    },
  });
  const store = stack.prometheus!.url;
  await remoteWrite(
    store,
    samplesOf((instance, time) => !isHeld(instance, time)),
  );
  const isLiedAbout = (path: string, query: string) =>
    kinds.some((kind) => paths[kind] === path) && /^[^{]*(load|work_total)\{/.test(query);
  lying = await startLyingStore({ target: store, clock: now, isLiedAbout });
  service = await startService({ prometheus: lying.url, now: span.start + 3 * 3600 });
  // What is not there at all is no question here.
  const time = new Date(span.start * 1000).toISOString();
  await service.deliver('/events/cluster-created', { time, data: { cluster_id: cluster } });
  truth = createTruth({ store, span, clock: now });
}, 180_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await lying[Symbol.asyncDispose]();
  await stack.stop();
});

/** What is asked: ranges most of all. */
const paths = {
  range: '/query_range',
  instant: '/query',
  series: '/series',
  values: '/label/instance/values',
};
type Kind = keyof typeof paths;
const kinds = Object.keys(paths) as Kind[];

/** A question, by the grids that pages ask on. */
interface Question {
  readonly kind: Kind;
  /** A metric alone where series or values are asked for. */
  readonly query: string;
  readonly step: number;
  readonly from: number;
  readonly to: number;
}

function question(): Question {
  const step = pick(steps);
  const align = (time: number) => Math.floor(time / step) * step;
  const to = align(service.now - pick([0, 0, 600, 3600]));
  const kind = pick<Kind>(['range', 'range', 'range', 'range', ...kinds]);
  if (kind === 'series' || kind === 'values')
    return { kind, query: pick(['load', 'work_total']), step, from: span.start, to };
  const from = kind === 'instant' ? to : align(to - pick([600, 1800, 7200]));
  return { kind, query: pick(queries), step, from, to };
}

function parametersOf({ kind, query, step, from, to }: Question): Pairs {
  if (kind === 'instant')
    return [
      ['query', query],
      ['time', String(to)],
    ];
  const range: Pairs = [
    ['start', String(from)],
    ['end', String(to)],
  ];
  return kind === 'range'
    ? [['query', query], ['step', String(step)], ...range]
    : [['match[]', query], ...range];
}

const scoped = (query: string) => query.replace(/(load|work_total)/, `$1{cluster="${cluster}"}`);

/** Why an answer may not be what the store says: by the lies that were told of its query, or meanwhile. */
function excusesOf({ kind, query }: Question, toldBefore: number) {
  const own = lying.told.filter((one) => one.path === paths[kind] && one.query === scoped(query));
  const within = (ms: number, lie: Lie) =>
    own.some((one) => one.lie === lie && now() - one.at <= ms);
  const meanwhile = lying.told.slice(toldBefore).filter((one) => own.includes(one));
  const has = (...which: Lie[]) => meanwhile.some(({ lie }) => which.includes(lie));
  return {
    missing: within(freshMs, 'empty') || has('empty', 'partial'),
    // Its beginning may have been handed on.
    broken: has('cut', 'cut cleanly'),
    told: has('error with 200'),
    refused: within(refusedMs, 'refused'),
    // Of any query: the circuit breaker opens for all.
    failed: lying.told.some(
      ({ lie, realAt }) =>
        performance.now() - realAt <= breakerMs && !['empty', 'partial', 'slow'].includes(lie),
    ),
  };
}

/** What is wrong with an answer; null where nothing is. */
async function judge(
  { kind, query, step, from, to }: Question,
  answer: Awaited<ReturnType<typeof call>> | null,
  excuse: ReturnType<typeof excusesOf>,
): Promise<string | null> {
  if (answer === null) return excuse.broken ? null : 'the answer ended in the middle';
  const { status, body, headers } = answer;
  if (status === 422) return excuse.refused ? null : `refused: ${body.error ?? ''}`;
  if (status !== 200) return excuse.failed ? null : `failed with ${status}: ${body.error ?? ''}`;
  if (body.status === 'error') return excuse.told ? null : `told ${body.error ?? ''}`;
  if (kind === 'series' || kind === 'values') return judgeNames(kind, query, body.data, excuse);
  const own = pointsOf(body.data);
  const true_ = await truth.of(scoped(query), step);
  // The newest points of a coarse range are reused for its step, at most six times as long.
  const reuseMs =
    kind === 'range' ? Math.max(freshMs, Math.min(step * 1000, 6 * freshMs)) : freshMs;
  const [recent, kept] = [true_(reuseMs), true_(extentMs + reuseMs)];
  const names = new Set([own, ...kept].flatMap((points) => [...points.keys()]));
  for (const name of names) {
    for (let time = from; time <= to; time += step) {
      const said = own.get(name)?.get(time);
      // What came late is not seen of settled points while they are kept.
      const isKept = kind === 'range' && time <= service.now - settledSeconds;
      const all = isKept ? kept : recent;
      const allowed = all.map((points) => points.get(name)?.get(time));
      if (allowed.includes(said) || (said === undefined && excuse.missing)) continue;
      const cache = `${headers.get('x-cache') ?? ''}: ${headers.get('x-cache-reason') ?? ''}`;
      return `${name} at ${time - end}: ${String(said)} instead of ${allowed.join(' or ')} (${cache})`;
    }
  }
  return null;
}

/** Names do not change while the test runs. */
function judgeNames(
  kind: 'series' | 'values',
  metric: string,
  data: unknown,
  { missing }: ReturnType<typeof excusesOf>,
): string | null {
  const said = (data as unknown[]).map((one) => JSON.stringify(one)).sort();
  const true_ = instances
    .map((instance, n) => {
      const labels = { __name__: metric, cluster, half: n < 2 ? 'one' : 'two', instance };
      return JSON.stringify(kind === 'values' ? instance : labels);
    })
    .sort();
  const isMissing = said.length < true_.length && said.every((one) => true_.includes(one));
  if (JSON.stringify(said) === JSON.stringify(true_) || (isMissing && missing)) return null;
  return `${said.join()} instead of ${true_.join()}`;
}

async function ask(own: Question): Promise<string | null> {
  const toldBefore = lying.told.length;
  const path = paths[own.kind];
  const answer = await call(apiOf(service.url, cluster), path, parametersOf(own)).catch(() => null);
  const wrong = await judge(own, answer, excusesOf(own, toldBefore));
  return wrong === null ? null : `${JSON.stringify(own)}: ${wrong}`;
}

describe('the cache in front of a store that lies', () => {
  it(
    `never answers what the store did not say, seed ${seed}`,
    async () => {
      const [began, from] = [performance.now(), service.now];
      const lasts = minutes * 60_000;
      // Three hours of the service in ten minutes; a minute in a second in the short form.
      const pace = Math.min(60, (span.end - from) / (lasts / 1000));
      let requests = 0;
      let answers = 0;
      let written = held.start;
      lying.next = () => {
        requests += 1;
        return next() < 0.35 ? (lies[lying.told.length % lies.length] ?? null) : null;
      };
      while (performance.now() - began < lasts) {
        service.now = Math.floor(from + (pace * (performance.now() - began)) / 1000);
        // Another quarter of an hour of what was held back, eight times.
        const isDue = performance.now() - began > (lasts * (written - held.start + 450)) / 7200;
        if (isDue && written + 900 <= Math.min(held.end, service.now)) {
          const late = { from: written, to: written + 900 };
          written = late.to;
          await remoteWrite(
            stack.prometheus!.url,
            samplesOf((name, time) => isHeld(name, time) && time >= late.from && time < late.to),
          );
          truth.changed();
        }
        const own = question();
        const asked = Array.from({ length: pick([1, 1, 3]) }, (_, n) =>
          n === 2 ? question() : own,
        );
        const wrong = await Promise.all(asked.map(ask));
        answers += asked.length;
        expect(wrong.filter((one) => one !== null)).toEqual([]);
      }
      process.stderr.write(`${answers} answers, ${requests} requests, ${lying.told.length} lies\n`);
      expect(written).toBeGreaterThan(held.start);
      for (const path of Object.values(paths))
        expect(lying.told.filter((one) => one.path === path)).not.toEqual([]);
    },
    minutes * 60_000 + 120_000,
  );
});
