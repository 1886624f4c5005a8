import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningApp } from '@bud-monitoring/stack';
import { call, get, type Sent } from './bare-client.js';
import { end, isDense, type ClusterName, type Known } from './data.js';
import { throughput } from './load.js';
import { originalMetrics, originalNodeMetrics } from './original.js';
import type { Recorder } from './recorder.js';
import { cpuSeconds, peakMb, procOf } from '../process-cost.js';
import { median } from '../rows.js';
import { storeRequests, type Caller } from './service.js';

/** What the sections measure with. */
export interface Bench {
  readonly clusters: Readonly<Record<ClusterName, Known>>;
  /** URL of the Prometheus. */
  readonly store: string;
  readonly recorder: Recorder;
  readonly token: string;
  readonly apps: {
    /** Keeps no answers. */
    readonly uncached: RunningApp;
    /** As it is by default. */
    readonly cached: RunningApp;
    /** The same, for its memory: nothing else is asked of it. */
    readonly fresh: RunningApp;
    /** Asks the recorder in place of the store. */
    readonly recorded: RunningApp;
    /** Keeps no answers, but what it was told of hours that are over. */
    readonly settled: RunningApp;
  };
  readonly directory: string;
  readonly answer: Caller;
  readonly tell: (what: string, figure: string, wanted: string) => void;
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
const times = (value: number) => `${value.toFixed(2)} ×`;

const rounds = 3;
/** Answers before a time is taken, where the other side is a program that has long been running. */
const warmUp = 12;
const connections = 16;

const metrics = ({ id }: Known, query: string) => `/clusters/${id}/metrics?${query}`;
const nodeMetrics = ({ id }: Known) => `/clusters/${id}/node-metrics`;
const today = 'time_range=today&metric_type=all';

export function createSections(bench: Bench): Record<string, () => Promise<void>> {
  const { clusters, store, apps, answer, tell } = bench;
  const { main, week, small, large, month } = clusters;
  return {
    async requests() {
      const before = await storeRequests(store);
      await answer(apps.cached, metrics(main, `${today}&series=true`));
      const sent = (await storeRequests(store)) - before;
      tell(
        `requests to the store for \`today/all\` with series, ${main.nodes} nodes, the very first time`,
        `${sent}, the span before included`,
        'at most 20',
      );
    },

    again: () => again(bench),

    async today() {
      for (const [series, limit] of [
        ['false', '1.5 ×'],
        ['true', '2 ×'],
      ] as const) {
        const path = metrics(main, `${today}&series=${series}`);
        const compared = await againstBare(bench, path);
        tell(
          `\`today/all&series=${series}\` at 18:00, ${main.nodes} nodes, against its ${compared.requests} requests sent in parallel by a bare client that discards the bodies`,
          `${ms(compared.own)} : ${ms(compared.bare)} = ${times(compared.own / compared.bare)}, answer ${megabytes(compared.bytes)}`,
          `at most ${limit}`,
        );
      }
    },

    async week() {
      const path = metrics(week, 'time_range=7days&metric_type=all&series=true');
      const compared = await againstBare(bench, path, 3);
      tell(
        `\`7days/all\` with series and nothing kept, ${week.nodes} nodes, ${week.interval} s between samples for ${week.days} days, against its ${compared.requests} requests as above`,
        `${ms(compared.own)} : ${ms(compared.bare)} = ${times(compared.own / compared.bare)}`,
        'at most 2 ×',
      );
    },

    async original() {
      const path = metrics(main, `${today}&series=false`);
      await answer(apps.uncached, path);
      let queries = 0;
      const [own, sequential] = await alternate(
        rounds,
        () => answer(apps.uncached, path),
        async () => {
          queries = await originalMetrics(store, main.id, end);
        },
      );
      tell(
        `\`today/all&series=false\`, ${main.nodes} nodes, against the original's ${queries} queries, one after the other and parsed`,
        `${ms(own)} : ${ms(sequential)}, ${times(sequential / own)} faster`,
        'at least 2 × faster',
      );
      const again = await repeated(bench, apps.settled, path);
      tell(
        'the same asked again when its answer has run out: hours that are over are known',
        `${ms(again)} : ${ms(sequential)}, ${times(sequential / again)} faster`,
        'told beside it',
      );
    },

    async nodes() {
      const own = await repeated(bench, apps.uncached, nodeMetrics(main));
      const again = await repeated(bench, apps.settled, nodeMetrics(main));
      let queries = 0;
      const sequential = await timed(async () => {
        queries = await originalNodeMetrics(store, main.id, end);
      });
      tell(
        `\`/node-metrics\`, ${main.nodes} nodes, against the original's ${queries} queries, node by node, when its answer has run out: hours and steps that are over are known, and for a minute the size of nodes`,
        `${ms(again)} : ${ms(sequential)}, ${(sequential / again).toFixed(0)} × faster`,
        'at least 40 × faster',
      );
      tell(
        'the same with nothing known, as for the first answer of a cluster',
        `${ms(own)} : ${ms(sequential)}, ${(sequential / own).toFixed(0)} × faster`,
        'told beside it',
      );
      const floor = await againstBare(bench, nodeMetrics(main));
      tell(
        `the same against its ${floor.requests} requests sent in parallel by a bare client that discards the bodies`,
        `${ms(floor.own)} : ${ms(floor.bare)} = ${times(floor.own / floor.bare)}, answer ${megabytes(floor.bytes)}`,
        'told beside it',
      );
    },

    async flat() {
      const asked = {
        '`today/all&series=false`': (known: Known) => metrics(known, `${today}&series=false`),
        '`/node-metrics`': nodeMetrics,
      };
      for (const [what, path] of Object.entries(asked)) {
        await answer(apps.uncached, path(small));
        await answer(apps.uncached, path(large));
        const [few, many] = await alternate(
          rounds,
          () => answer(apps.uncached, path(small)),
          () => answer(apps.uncached, path(large)),
        );
        const each = [few / small.nodes, many / large.nodes] as const;
        tell(
          `${what}: time for each node, ${large.nodes} nodes against ${small.nodes}`,
          `${each[1].toFixed(2)} ms : ${each[0].toFixed(2)} ms = ${times(each[1] / each[0])}`,
          'at most 1.2 ×',
        );
      }
    },

    async memory() {
      const fresh = await procOf(apps.fresh.url);
      const began = await peakMb(fresh);
      const path = (query: string) => metrics(month, `time_range=month&${query}`);
      const same = path('metric_type=all');
      // What is over in time is kept, so that a store that is too slow at first is not so for long.
      const together = async (paths: readonly string[]) => {
        let failed = paths.length;
        let turns = 0;
        for (; failed > 0 && turns < mostTurns; turns += 1) {
          const answers = await Promise.allSettled(paths.map((one) => answer(apps.fresh, one)));
          failed = answers.filter(({ status }) => status === 'rejected').length;
        }
        const peak = `${(await peakMb(fresh)).toFixed(0)} MB after ${turns} turns`;
        return failed === 0 ? peak : `not shown: ${failed} of ${paths.length} failed; ${peak}`;
      };
      const samples = isDense
        ? 'every five minutes, in its last two days every 30 s'
        : 'two hours of each day';
      const since = performance.now();
      const peak = await together(Array.from({ length: 8 }, () => same));
      const seconds = ((performance.now() - since) / 1000).toFixed(0);
      tell(
        `peak memory while \`month/all\` of ${month.nodes} nodes goes to 8 callers at once (samples ${samples})`,
        `${peak}, ${seconds} s (${began.toFixed(0)} MB at the start)`,
        'at most 300 MB, after 1 turn',
      );
      const types = ['all', 'memory', 'cpu', 'disk', 'network', 'power'];
      const different = types.map((type) => `metric_type=${type}&node=bench-0001`);
      tell(
        'the same process after 8 different requests for that month at once, two of them with all series',
        await together([...different, 'series=true', 'series=columns'].map(path)),
        'told beside it',
      );
    },

    async together() {
      const custom = (from: number) =>
        metrics(main, `start=${end - 3600 - from}&end=${end}&step=60&series=false`);
      const count = async (work: () => Promise<unknown>) => {
        const before = await storeRequests(store);
        await work();
        return (await storeRequests(store)) - before;
      };
      const one = await count(() => answer(apps.cached, custom(0)));
      const many = await count(() =>
        Promise.all(Array.from({ length: 200 }, () => answer(apps.cached, custom(1)))),
      );
      tell(
        'requests to the store for 200 identical requests at once, against one alone',
        `${many} : ${one}`,
        'as many',
      );
    },
  };
}

/** How often a request that was not answered in time is made again. */
const mostTurns = 6;

/** A request that was answered before, against bare Express with the same bytes. */
async function again({ clusters, store, apps, token, directory, tell }: Bench): Promise<void> {
  const path = metrics(clusters.main, `${today}&series=false`);
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' };
  await call(apps.cached.url, get(path), { headers });
  const { body, size } = await stored(apps.cached.url, path, headers);
  const file = join(directory, 'stored.json.gz');
  await writeFile(file, body);
  const bare = fork(fileURLToPath(new URL('./bare-express.js', import.meta.url)), [file, 'gzip']);
  const [port] = (await once(bare, 'message')) as [number];
  const before = await storeRequests(store);
  const load = (url: string, milliseconds: number) =>
    throughput(url, path, { headers, connections, ms: milliseconds });
  const sides = [apps.cached.url, `http://127.0.0.1:${port}`] as const;
  for (const url of sides) await load(url, 2000);
  const procs = [await procOf(apps.cached.url), `/proc/${bare.pid ?? 0}`] as const;
  const found: [number[], number[]] = [[], []];
  const cpu: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round += 1) {
    for (const index of [0, 1] as const) {
      const spent = await cpuSeconds(procs[index]);
      const rate = await load(sides[index], 2000);
      found[index].push(rate);
      cpu[index].push(((await cpuSeconds(procs[index])) - spent) / (2 * rate));
    }
  }
  bare.disconnect();
  const [own, express] = [median(found[0]), median(found[1])];
  tell(
    'requests to the store while it answers what it has answered before',
    String((await storeRequests(store)) - before),
    '0',
  );
  tell(
    `such answers a second (${(body.length / 1e3).toFixed(0)} kB, gzip of ${megabytes(size)}; token check, audit and request log), against bare Express with the same bytes`,
    `${own.toFixed(0)} : ${express.toFixed(0)} = ${times(own / express)}`,
    'at least 0.6 ×',
  );
  const [ownCpu, expressCpu] = [median(cpu[0]), median(cpu[1])];
  tell(
    'processor time of one such answer, against bare Express (who else is busy does not show here)',
    `${(1e3 * ownCpu).toFixed(2)} ms : ${(1e3 * expressCpu).toFixed(2)} ms = ${times(ownCpu / expressCpu)}`,
    'at most 1.67 ×',
  );
}

/** The bytes as they go over the wire, and how many they are unpacked. */
async function stored(url: string, path: string, headers: Record<string, string>) {
  const plain = await call(url, get(path), {
    headers: { ...headers, 'accept-encoding': 'identity' },
  });
  const body = await new Promise<Buffer>((resolve, reject) => {
    const outgoing = request(new URL(path, url), { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    outgoing.on('error', reject).end();
  });
  return { body, size: plain.bytes };
}

/** A path of the service against the requests it makes, sent at once and thrown away. */
async function againstBare(
  { apps, recorder, store, answer }: Bench,
  path: string,
  turns = rounds,
): Promise<{ own: number; bare: number; requests: number; bytes: number }> {
  // The first time it looks at what the cluster has; that is remembered.
  await answer(apps.recorded, path);
  await answer(apps.uncached, path);
  recorder.take();
  await answer(apps.recorded, path);
  const requests: Sent[] = recorder.take();
  let bytes = 0;
  const [own, bare] = await alternate(
    turns,
    async () => {
      ({ bytes } = await answer(apps.uncached, path));
    },
    async () => {
      const got = await Promise.all(requests.map((sent) => call(store, sent)));
      if (got.some(({ status }) => status !== 200)) throw new Error('the bare client was refused');
    },
  );
  return { own, bare, requests: requests.length, bytes };
}

/** Medians of two things done in turn. */
async function alternate(
  turns: number,
  ...sides: [() => Promise<unknown>, () => Promise<unknown>]
): Promise<[number, number]> {
  const found: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn += 1)
    for (const index of [0, 1] as const) found[index].push(await timed(sides[index]));
  return [median(found[0]), median(found[1])];
}

/** Median of a path once the app has answered it often enough for its code to be compiled. */
async function repeated({ answer }: Bench, app: RunningApp, path: string): Promise<number> {
  for (let round = 0; round < warmUp; round += 1) await answer(app, path);
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) found.push(await timed(() => answer(app, path)));
  return median(found);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
