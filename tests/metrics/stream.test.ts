import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterMetrics, ErrorBody, FleetList } from '@bud-monitoring/contracts';
import {
  createLogger,
  runService,
  type ProcessPort,
  type RunningService,
} from '@bud-monitoring/service-kit';
import { startStack, type AppContext, type Stack } from '@bud-monitoring/stack';
import { compose } from '../../services/metrics/src/compose.js';
import { readMetricsConfig } from '../../services/metrics/src/config.js';
import { ramp } from '../../stack/src/fleet/index.js';
import { startFakeBudCluster } from '../../stack/src/fakes/fake-bud-cluster/server.js';
import { startCountingProxy, type CountingProxy } from './support/counting-proxy.js';
import { nodeSeries } from './support/exporter.js';
import { startStore } from './support/store.js';

const cluster = '57e00000-0000-4000-8000-000000000001';
const other = '57e00000-0000-4000-8000-000000000002';
const nobody = '57e00000-0000-4000-8000-00000000ffff';
const end = Date.parse('2026-03-10T12:00:00Z') / 1000;

let store: Awaited<ReturnType<typeof startStore>>;
let proxy: CountingProxy;
let stack: Stack;
let running: RunningService;
let token: string;
/** Unix seconds: the service's clock stands still unless a test moves it. */
let now = end;

/** bud-metrics inside this process, as main.ts runs it, with a clock that stands still. */
async function serve({ port, environment }: AppContext): Promise<{ close(): Promise<void> }> {
  const config = readMetricsConfig({
    ...environment,
    ...{ PROMETHEUS_URL: proxy.url, STREAM_INTERVAL: '1s', PORT: String(port) },
  });
  const logger = createLogger({ service: 'test', level: 'error', write: () => undefined });
  const clock = { now: () => now * 1000 };
  const { app, stop } = compose({ config, version: '0', logger, clock });
  const process: ProcessPort = Object.assign(new EventEmitter(), {
    exit: () => undefined,
    stdout: { write: (_text: string, done: () => void) => done() },
  });
  running = await runService({ app, logger, host: '127.0.0.1', port, stop, process });
  return { close: () => running.stop() };
}

beforeAll(async () => {
  const series = [cluster, other].flatMap((id) =>
    nodeSeries({ cluster: id, job: 'node-exporter', instance: 'a:9100' }, { busy: ramp(0.4) }),
  );
  store = await startStore([{ start: end - 3600, end, interval: 30, series }]);
  proxy = await startCountingProxy(store.url);
  stack = await startStack({
    gateway: true,
    apps: [
      { appId: 'bud-metrics', start: serve },
      {
        appId: 'bud-cluster',
        start: ({ port, dapr }) =>
          startFakeBudCluster({ fleet: [], port, appApiToken: dapr.appToken }),
      },
    ],
  });
  token = await stack.identity.mintToken({ permissions: ['cluster:view'] });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await proxy[Symbol.asyncDispose]();
  await store.stop();
});

beforeEach(() => {
  now = end;
  proxy.refuse = () => false;
  proxy.wait = () => Promise.resolve();
});

interface Listener {
  readonly response: Response;
  /** All that came, in order: `: comment` or `event {data}`. */
  readonly heard: string[];
  /** Resolves when there are so many events (comments apart). */
  events(count: number): Promise<string[]>;
  /** Resolves when the first comment has come. */
  comment(): Promise<string>;
  /** The next event of that name which has not come yet. */
  next(name: string): Promise<string>;
  hangUp(): void;
  /** Resolves to whether the stream ended as it should. */
  readonly over: Promise<'ended' | 'broken'>;
}

/** Listens through the gateway. */
async function listen(query = '', own = token): Promise<Listener> {
  return listenTo(`/api/clusters/${cluster}/metrics/stream?metric_type=cpu${query}`, { own });
}

async function listenTo(
  path: string,
  { own = token, lastId }: { own?: string; lastId?: string } = {},
): Promise<Listener> {
  const controller = new AbortController();
  const response = await fetch(`${stack.gateway!.url}${path}`, {
    headers: {
      ...{ accept: 'text/event-stream', authorization: `Bearer ${own}` },
      ...(lastId !== undefined && { 'last-event-id': lastId }),
    },
    signal: controller.signal,
  });
  const heard: string[] = [];
  const read = async (): Promise<'ended' | 'broken'> => {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        heard.push(...blocks);
      }
      return 'ended';
    } catch {
      return 'broken';
    }
  };
  const until = async <T>(found: () => T | undefined): Promise<T> => {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const result = found();
      if (result !== undefined) return result;
      if (performance.now() > deadline) throw new Error(`heard only ${heard.join(' | ')}`);
      await sleep(50);
    }
  };
  return {
    ...{ response, heard, over: read(), hangUp: () => controller.abort() },
    events: (count) =>
      until(() => {
        const events = heard.filter((block) => block.startsWith('event: '));
        return events.length >= count ? events : undefined;
      }),
    comment: () => until(() => heard.find((block) => block.startsWith(':'))),
    next(name) {
      const from = heard.length;
      return until(() => heard.slice(from).find((block) => block.startsWith(`event: ${name}\n`)));
    },
  };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const dataOf = (block: string) => JSON.parse(block.slice(block.indexOf('data: ') + 6)) as unknown;

describe('the stream of a cluster, through the gateway', () => {
  it('begins with a comment, then has the metrics, and again only when they have changed', async () => {
    const listener = await listen();
    expect(listener.response.status).toBe(200);
    expect(listener.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(listener.response.headers.get('x-accel-buffering')).toBe('no');
    expect(listener.response.headers.get('cache-control')).toContain('no-transform');
    const [first] = await listener.events(1);
    expect(listener.heard[0]).toBe(': connected');
    expect(first).toMatch(/^event: metrics\nretry: 3000\nid: [\w-]{16}\ndata: /);
    const { object, data } = dataOf(first!) as { object: string; data: ClusterMetrics };
    expect(object).toBe('cluster.metrics');
    expect(data).toMatchObject({ cluster_id: cluster, metric_type: 'cpu', time_range: 'today' });
    expect(data.cluster_summary.cpu).toMatchObject({ usage_percent: 40 });
    expect(data.cluster_summary.cpu).not.toHaveProperty('time_series');

    await sleep(2500);
    expect(await listener.events(1)).toHaveLength(1);
    now = end + 400; // nobody reports any more
    const [, second] = await listener.events(2);
    listener.hangUp();
    const changed = dataOf(second!) as { data: ClusterMetrics };
    expect(changed.data.cluster_summary.cpu).toMatchObject({ usage_percent: null });
  });

  it('does not send again what a caller that comes back has', async () => {
    const path = `/api/clusters/${cluster}/metrics/stream?metric_type=cpu`;
    const before = await listenTo(path);
    const [first] = await before.events(1);
    before.hangUp();
    const lastId = /^id: (.*)$/m.exec(first!)![1]!;
    const back = await listenTo(path, { lastId });
    await back.comment();
    await sleep(1500);
    expect(back.heard).toEqual([': connected']);
    now = end + 400;
    await back.events(1);
    back.hangUp();
  });

  it('has several clusters on one connection, and refuses one that may not be seen', async () => {
    const path = `/api/streams/metrics?metric_type=cpu&cluster_id=${cluster}&cluster_id=${other}`;
    const both = await listenTo(path);
    const events = await both.events(2);
    both.hangUp();
    const ids = events.map((event) => (dataOf(event) as { data: ClusterMetrics }).data.cluster_id);
    expect(ids.sort()).toEqual([cluster, other]);
    const own = await stack.identity.mintToken({
      ...{ permissions: ['cluster:view'], clusters: [other] },
    });
    for (const [query, status] of [
      [path, 403],
      [`${path}&cluster_id=${nobody}`, 403],
      ['/api/streams/metrics', 400],
    ] as const)
      expect((await listenTo(query, { own })).response.status).toBe(status);
    const unknown = await listenTo(`${path}&cluster_id=${nobody}`);
    expect(unknown.response.status).toBe(404);
  });

  it('has the alerts of the fleet', async () => {
    const listener = await listenTo('/api/streams/alerts?state=firing');
    const [first] = await listener.events(1);
    await sleep(1500);
    expect(await listener.events(1)).toHaveLength(1);
    listener.hangUp();
    expect(first).toMatch(/^event: alerts\n/);
    expect(dataOf(first!)).toMatchObject({ object: 'alerts', data: { alerts: [], total: 0 } });
  });

  it('is there at once, however long the store takes', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    proxy.wait = () => held;
    const listener = await listen('&time_range=10min');
    await listener.comment();
    proxy.wait = () => Promise.resolve();
    const early = [...listener.heard];
    release();
    await listener.events(1);
    listener.hangUp();
    expect(early).toEqual([': connected']);
  });

  it('asks the store once a cycle, however many listen', async () => {
    const one = await listen();
    await one.events(1);
    const during = async (ms: number) => {
      const before = proxy.requests.length;
      await sleep(ms);
      return proxy.requests.length - before;
    };
    const alone = await during(3000);
    const others = await Promise.all(Array.from({ length: 20 }, () => listen()));
    await Promise.all(others.map((listener) => listener.events(1)));
    const together = await during(3000);
    one.hangUp();
    others.forEach((listener) => listener.hangUp());
    expect(alone).toBeGreaterThan(0);
    expect(together).toBeLessThan(2 * alone);
    expect(others.every(({ heard }) => heard[0] === ': connected')).toBe(true);
  });

  it('asks for each question apart', async () => {
    const [all, some] = await Promise.all([listen(), listen('&node=nobody')]);
    const [[first], [second]] = await Promise.all([all.events(1), some.events(1)]);
    all.hangUp();
    some.hangUp();
    expect(Object.keys((dataOf(first!) as { data: ClusterMetrics }).data.nodes)).toEqual([
      'a:9100',
    ]);
    expect((dataOf(second!) as { data: ClusterMetrics }).data.nodes).toEqual({});
  });

  it('asks nothing more when the last one has hung up', async () => {
    const listener = await listen();
    await listener.events(1);
    listener.hangUp();
    await sleep(500); // until the gateway and the service have noticed
    const before = proxy.requests.length;
    await sleep(2500);
    expect(proxy.requests.length).toBe(before);
  });

  it('says what failed, and goes on when it is over', async () => {
    const listener = await listen();
    await listener.events(1);
    proxy.refuse = () => true;
    const failure = await listener.next('failure');
    proxy.refuse = () => false;
    expect(dataOf(failure) as ErrorBody).toMatchObject({ object: 'error', code: 502 });
    await listener.next('metrics');
    listener.hangUp();
    expect(listener.heard.at(-1)).toMatch(/^event: metrics/);
  });

  it.each<[name: string, status: number, path: string, headers: Record<string, string>]>([
    ['anything', 406, `${cluster}/metrics/stream`, { accept: '*/*' }],
    ['JSON', 406, `${cluster}/metrics/stream`, { accept: 'application/json' }],
    ['an unknown cluster', 404, `${nobody}/metrics/stream`, {}],
    ['a free range', 400, `${cluster}/metrics/stream?start=0`, {}],
    ['nothing to show who it is', 401, `${cluster}/metrics/stream`, { authorization: '' }],
  ])('answers who asks for %s with %i', async (_name, status, path, headers) => {
    const answer = await fetch(`${stack.gateway!.url}/api/clusters/${path}`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...headers },
    });
    expect(await answer.json()).toMatchObject({ object: 'error', code: status });
    expect(answer.status).toBe(status);
  });

  it('is refused to who may not see the cluster, and the fleet shows what one may', async () => {
    const limited = await stack.identity.mintToken({
      ...{ permissions: ['cluster:view'], clusters: [other] },
    });
    const refused = await listen('', limited);
    expect(refused.response.status).toBe(403);
    const ids = async (own: string) => {
      const answer = await fetch(`${stack.gateway!.url}/api/clusters`, {
        headers: { authorization: `Bearer ${own}` },
      });
      const { data } = (await answer.json()) as { data: FleetList };
      return data.clusters.map(({ cluster_id }) => cluster_id);
    };
    expect(await ids(limited)).toEqual([other]);
    expect(await ids(token)).toEqual([cluster, other]);
  });

  it('ends in good order when the service stops', async () => {
    const listeners = await Promise.all([listen(), listen('&series=columns')]);
    await Promise.all(listeners.map((listener) => listener.events(1)));
    const began = performance.now();
    await running.stop();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(await Promise.all(listeners.map(({ over }) => over))).toEqual(['ended', 'ended']);
  });
});
