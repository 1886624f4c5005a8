import { setMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createFakeUpstream, type FakeSeries } from '../../testing/fake-upstream.js';
import { createQueryExecutor, type ExecutorRequest } from './query-executor.js';
import type { ApiResponse } from './response/api-response.js';
import { createFairQueue, QueueFull } from './upstream/fair-queue.js';
import type { SingleFlightOptions } from './upstream/single-flight.js';

const forever = new AbortController().signal;
setMaxListeners(0, forever);
const hour = 3600;
/** Whole hours, so that every step in these tests falls on them. */
const noon = 1_700_000 * hour;

const rising: FakeSeries = { metric: { name: 'rising' }, at: (time) => String(time - noon) };

function start(options: Partial<Parameters<typeof createQueryExecutor>[0]> = {}, waiting = 100) {
  const clock = { seconds: noon, now: () => clock.seconds * 1000 };
  const store = createFakeUpstream(clock, [rising]);
  const queue = createFairQueue({ total: 16, perKey: 8, waiting }, clock);
  const executor = createQueryExecutor({
    upstream: store,
    queue,
    clock,
    cacheBytes: 1_000_000,
    maxResponseBytes: 10_000_000,
    freshMs: 5000,
    settledAfterSeconds: 600,
    extentSeconds: 1800,
    ...options,
  });
  const ask = (more: Partial<ExecutorRequest> = {}, signal = forever) =>
    executor.execute({ ...rangeAsk(noon - hour, noon, 60), ...more }, signal);
  const range = (from: number, to: number, step = 60, scope = 'me') =>
    executor.execute(rangeAsk(noon + from, noon + to, step, scope), forever);
  const asked = () => {
    const spans = store.seen.map(({ form }) => [
      Number(form.get('start')),
      Number(form.get('end')),
    ]);
    store.seen.length = 0;
    return spans.map(([from = 0, to = 0]) => [from - noon, to - noon]);
  };
  return { clock, store, queue, executor, ask, range, asked };
}

function rangeAsk(from: number, to: number, step: number, scope = 'me'): ExecutorRequest {
  const query = `q{cluster="${scope}"}`;
  const form = new URLSearchParams({ query, start: `${from}`, end: `${to}`, step: `${step}` });
  return {
    queueKey: scope,
    scopeKey: scope,
    range: { query, start: from, end: to, step },
    upstreamRequest: {
      method: 'POST',
      path: '/query_range',
      form: form.toString(),
      timeoutMs: 30_000,
    },
  };
}

const instant = (form = 'query=q', scope = 'me'): ExecutorRequest => ({
  queueKey: scope,
  scopeKey: scope,
  upstreamRequest: { method: 'POST', path: '/query', form, timeoutMs: 30_000 },
});

async function textOf({ body }: ApiResponse): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString();
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
const dataOf = async (answer: ApiResponse) => JSON.parse(await textOf(answer)) as unknown;
const stateOf = ({ cache, reason }: ApiResponse) => `${cache}: ${reason}`;

describe('an answer that was given a moment ago', () => {
  it('is given again for five seconds, and then asked for anew', async () => {
    const { executor, clock, store } = start();
    const states: string[] = [];
    for (const seconds of [0, 3, 2, 1]) {
      clock.seconds += seconds;
      states.push(stateOf(await executor.execute(instant(), forever)));
    }
    expect(states).toEqual([
      ...['miss: nothing is kept of it', 'hit: kept for 3 s', 'hit: kept for 5 s'],
      'miss: nothing is kept of it',
    ]);
    expect(store.seen).toHaveLength(2);
  });

  it('is given again for its step, where it is a range, at most half a minute', async () => {
    const { range, clock, asked } = start();
    for (const [step, seconds, times] of [
      [60, 30, 1],
      [60, 31, 2],
      [15, 15, 1],
      [15, 16, 2],
      [1, 5, 1],
      [1, 6, 2],
    ] as const) {
      // All of it is young, so that no extent is in the way.
      const from = clock.seconds - noon - 300;
      await range(from, from + 300, step);
      clock.seconds += seconds;
      await range(from, from + 300, step);
      expect([step, seconds, asked().length]).toEqual([step, seconds, times]);
      clock.seconds += hour;
    }
  });

  it('is given again for five seconds only, where it is empty', async () => {
    const { range, clock, store, asked } = start();
    store.series = [];
    await range(-300, 0);
    clock.seconds += 6;
    await range(-300, 0);
    expect(asked()).toHaveLength(2);
  });

  it('is never given to callers of another reach', async () => {
    const { executor, range, store } = start();
    await executor.execute(instant('query=q', 'me'), forever);
    await executor.execute(instant('query=q', 'me:a'), forever);
    await range(-hour, 0, 60, 'me');
    await range(-hour, 0, 60, 'me:a');
    expect(store.seen).toHaveLength(4);
  });

  it('is not given to one who wants it anew, nor kept of it', async () => {
    const { executor, store } = start();
    await executor.execute(instant(), forever);
    const anew = await executor.execute({ ...instant(), fresh: true }, forever);
    expect(stateOf(anew)).toBe('bypass: asked for anew');
    expect(store.seen).toHaveLength(2);
  });

  it.each([
    ['with warnings', { warnings: ['cut'] }],
    ['partial', { isPartial: true }],
  ])('is not given again where it was %s', async (_name, notes) => {
    const { range, store, asked } = start();
    store.notes = notes;
    await range(-hour, 0);
    await range(-hour, 0);
    expect(asked()).toHaveLength(2);
    store.notes = {};
    expect(stateOf(await range(-hour, 0))).toBe('miss: nothing is kept of it');
  });

  it('is given again with its infos', async () => {
    const { range, clock, store } = start();
    store.notes = { infos: ['one'] };
    await range(-hour, 0);
    clock.seconds += 60;
    store.notes = { infos: ['two', 'one'] };
    expect(await dataOf(await range(60 - hour, 60))).toMatchObject({ infos: ['one', 'two'] });
  });

  it.each([
    ['400', 10],
    ['422', 10],
    ['503', 0],
  ])('is given again where the store refused it with %s for %d s', async (status, seconds) => {
    const { executor, clock, store } = start();
    store.instead = () => ({ status: Number(status), body: '{"status":"error"}' });
    const ask = () => executor.execute(instant(), forever);
    expect(await ask()).toMatchObject({ status: Number(status) });
    clock.seconds += seconds;
    await ask();
    clock.seconds += 1;
    await ask();
    expect(store.seen).toHaveLength(seconds === 0 ? 3 : 2);
  });

  it('is not given again where there was none', async () => {
    const { executor, store } = start();
    store.instead = () => new Error('down');
    await expect(executor.execute(instant(), forever)).rejects.toThrow('down');
    store.instead = () => undefined;
    expect(await executor.execute(instant(), forever)).toMatchObject({ status: 200 });
  });

  it('is asked for each time where nothing may be kept', async () => {
    const { range, clock, asked } = start({ freshMs: 0, extentSeconds: 0 });
    await range(-hour, 0);
    await range(-hour, 0);
    clock.seconds += 60;
    await range(-hour, 0);
    expect(asked()).toHaveLength(3);
  });
});

describe('the points of a range', () => {
  it('are fetched from the last settled one on', async () => {
    const { range, clock, asked } = start();
    await range(-hour, 0);
    clock.seconds += 60;
    const answer = await range(60 - hour, 60);
    expect(stateOf(answer)).toBe('partial: 11 points were fetched');
    expect(asked()).toEqual([
      [-hour, 0],
      [-540, 60],
    ]);
  });

  it('are those of the store, however often the window slides', async () => {
    const { range, clock, store, asked } = start();
    for (let seconds = 0; seconds <= 1200; seconds += 60) {
      clock.seconds = noon + seconds;
      const [from, to] = [seconds - hour, seconds];
      const direct = store.answer({ start: noon + from, end: noon + to, step: 60 });
      expect(await dataOf(await range(from, to))).toEqual(direct);
    }
    const points = asked().reduce((sum, [from = 0, to = 0]) => sum + (to - from) / 60 + 1, 0);
    expect(points).toBe(61 + 20 * 11);
  });

  it('are all fetched again after half an hour, so that gaps heal', async () => {
    const { range, clock, store, asked } = start();
    const broken: FakeSeries = { ...rising, at: (time) => (time > noon - 1800 ? null : '1') };
    store.series = [broken];
    await range(-hour, 0);
    store.series = [rising];
    clock.seconds += 1740;
    expect(stateOf(await range(1740 - hour, 1740))).toMatch(/^partial/);
    clock.seconds += 120;
    const whole = await range(1860 - hour, 1860);
    expect(stateOf(whole)).toBe('miss: nothing is kept of it');
    expect(await dataOf(whole)).toEqual(
      store.answer({ start: noon + 1860 - hour, end: noon + 1860, step: 60 }),
    );
    expect(asked()).toHaveLength(3);
  });

  it('are fetched before what is kept, behind it, and on both sides', async () => {
    const { range, asked } = start();
    await range(-4 * hour, -3 * hour);
    expect(stateOf(await range(-5 * hour, -3 * hour))).toBe('partial: 60 points were fetched');
    expect(stateOf(await range(-4 * hour, -2 * hour))).toBe('partial: 60 points were fetched');
    expect(stateOf(await range(-6 * hour, -hour))).toBe('partial: 120 points were fetched');
    expect(asked().slice(1)).toEqual([
      [-5 * hour, -4 * hour - 60],
      [-3 * hour + 60, -2 * hour],
      [-6 * hour, -5 * hour - 60],
      [-2 * hour + 60, -hour],
    ]);
    const inner = await range(-5.5 * hour, -1.5 * hour);
    expect(stateOf(inner)).toBe('hit: all points are kept');
    expect(asked()).toEqual([]);
  });

  it('are not lost to a shorter range of the same step', async () => {
    const { range, clock, asked } = start();
    await range(-4 * hour, 0);
    clock.seconds += 60;
    await range(60 - hour, 60);
    clock.seconds += 60;
    await range(120 - 4 * hour, 120);
    expect(asked().slice(1)).toEqual([
      [-540, 60],
      [-480, 120],
    ]);
  });

  it('are kept apart for ranges that lie on other grids', async () => {
    const { range, clock, asked } = start();
    await range(-hour, 0);
    clock.seconds += 30;
    expect(stateOf(await range(30 - hour, 30))).toBe('miss: nothing is kept of it');
    clock.seconds += 30;
    await range(60 - hour, 60);
    await range(90 - hour, 90);
    expect(asked().slice(2)).toEqual([
      [-540, 60],
      [-510, 90],
    ]);
  });

  it('are asked for as a whole where nothing is near', async () => {
    const { range, asked } = start();
    await range(-9 * hour, -8 * hour);
    expect(stateOf(await range(-3 * hour, -2 * hour))).toBe('miss: nothing is kept of it');
    expect(asked()).toHaveLength(2);
  });

  it('are those of series that begin and end at the seam', async () => {
    const { range, clock, store } = start();
    const seam = noon - 600;
    store.series = [
      { metric: { name: 'began' }, at: (time) => (time > seam ? 'NaN' : null) },
      { metric: { name: 'ended' }, at: (time) => (time <= seam ? '1' : null) },
      { metric: { name: 'paused' }, at: (time) => (Math.abs(time - seam) < 120 ? null : '2') },
    ];
    await range(-hour, 0);
    clock.seconds += 60;
    expect(await dataOf(await range(60 - hour, 60))).toEqual(
      store.answer({ start: noon + 60 - hour, end: noon + 60, step: 60 }),
    );
  });

  it('are not kept when there are none, which is more likely a gap', async () => {
    const { range, clock, store, asked } = start();
    store.series = [];
    await range(-hour, 0);
    clock.seconds += 60;
    store.series = [rising];
    expect(stateOf(await range(60 - hour, 60))).toBe('miss: nothing is kept of it');
    expect(asked()).toHaveLength(2);
  });

  it('are asked for as a whole when a part of them came with warnings', async () => {
    const { range, clock, store, asked } = start();
    await range(-hour, 0);
    clock.seconds += 60;
    store.notes = { warnings: ['cut'] };
    const answer = await range(60 - hour, 60);
    expect(stateOf(answer)).toBe('miss: nothing is kept of it');
    expect(await dataOf(answer)).toMatchObject({ warnings: ['cut'] });
    expect(asked()).toHaveLength(3);
  });

  it('are refused as the store refused a part of them', async () => {
    const { range, clock, store } = start();
    await range(-hour, 0);
    clock.seconds += 60;
    store.instead = () => ({ status: 422, body: '{"status":"error"}' });
    const answer = await range(60 - hour, 60);
    expect(answer).toMatchObject({ status: 422, cache: 'partial' });
    expect(await textOf(answer)).toBe('{"status":"error"}');
  });

  it('fail where a part of them cannot be had', async () => {
    const { range, clock, store } = start();
    await range(-hour, 0);
    clock.seconds += 60;
    store.instead = () => new Error('down');
    await expect(range(60 - hour, 60)).rejects.toThrow('down');
  });

  it.each([
    ['q @ 5', 'bypass: the query has an @ modifier'],
    ['q offset -5m', 'bypass: the query may look ahead'],
  ])('are asked for as a whole where they depend on more: %s', async (query, state) => {
    const { ask, clock } = start();
    const from = rangeAsk(noon - hour, noon, 60);
    const range = { ...from.range!, query };
    expect(stateOf(await ask({ ...from, range }))).toBe(state);
    clock.seconds += 60;
    expect(stateOf(await ask({ ...from, range }))).toBe(state);
  });
});

describe('many who ask', () => {
  it('at once cause one request, each of a part too', async () => {
    const { range, clock, asked } = start();
    const all = await Promise.all(Array.from({ length: 200 }, () => range(-hour, 0)));
    expect(new Set(all.map(stateOf))).toEqual(
      new Set(['miss: nothing is kept of it', 'hit: asked by another too']),
    );
    clock.seconds += 60;
    await Promise.all(Array.from({ length: 200 }, () => range(60 - hour, 60)));
    clock.seconds += 10;
    await range(60 - hour, 60);
    expect(asked()).toHaveLength(2);
  });

  it('do not wait with one who has less time', async () => {
    const { ask, asked } = start();
    const from = rangeAsk(noon - hour, noon, 60);
    await Promise.all([
      ask(),
      ask({ upstreamRequest: { ...from.upstreamRequest, timeoutMs: 1000 } }),
    ]);
    expect(asked()).toHaveLength(2);
  });

  it('wait for their turn, and are told when too many do', async () => {
    const { executor, queue } = start({}, 2);
    const asked = Array.from({ length: 11 }, (_, index) =>
      executor.execute(instant(`query=${index}`), forever),
    );
    expect(queue.load).toEqual({ running: 8, waiting: 2 });
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: expect.any(QueueFull) },
    ]);
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });
});

describe('time', () => {
  it('is told to the store, less what was waited', async () => {
    const { executor, store, queue, clock } = start();
    const leave = await Promise.all(Array.from({ length: 8 }, () => queue.acquire('me', forever)));
    const asked = executor.execute(instant(), forever);
    await new Promise(setImmediate);
    clock.seconds += 7;
    leave[0]?.();
    await asked;
    expect(store.seen[0]?.form.get('timeout')).toBe('23000ms');
  });

  it('is told for what is evaluated only', async () => {
    const { executor, store } = start();
    const upstreamRequest = { ...instant().upstreamRequest, path: '/series' };
    await executor.execute({ ...instant(), upstreamRequest }, forever);
    expect(store.seen[0]?.form.has('timeout')).toBe(false);
  });

  it('of the store is told, and null where it was not asked', async () => {
    const { executor, store, clock } = start();
    store.instead = () => {
      clock.seconds += 6;
      return undefined;
    };
    expect(await executor.execute(instant(), forever)).toMatchObject({ storeSeconds: 6 });
    expect(await executor.execute(instant(), forever)).toMatchObject({ storeSeconds: null });
  });
});

describe('leaving', () => {
  it('gives the place in the queue back, while waiting and while asking', async () => {
    const { executor, queue, store } = start();
    const leave = await Promise.all(Array.from({ length: 8 }, () => queue.acquire('me', forever)));
    const [waiting, asking] = [new AbortController(), new AbortController()];
    const asked = Promise.allSettled([
      executor.execute(instant('query=1'), waiting.signal),
      executor.execute(instant('query=2'), asking.signal),
    ]);
    await new Promise(setImmediate);
    expect(queue.load.waiting).toBe(2);
    waiting.abort(new Error('left'));
    leave.forEach((one) => one());
    await new Promise(setImmediate);
    asking.abort(new Error('left'));
    expect(await asked).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    expect(store.seen).toHaveLength(1);
    while (queue.load.running > 0) await new Promise(setImmediate);
    expect(queue.load).toEqual({ running: 0, waiting: 0 });
  });
});

describe('a long answer', () => {
  const chunk = Buffer.alloc(2 ** 20, 120);
  function startLong(chunks: number, options: Partial<SingleFlightOptions<never>> = {}) {
    const all = start({ maxResponseBytes: 8 * 2 ** 20, ...options });
    let ended = false;
    async function* rest(): AsyncGenerator<Buffer, void> {
      try {
        for (let sent = 0; sent < chunks; sent += 1) yield await Promise.resolve(chunk);
      } finally {
        ended = true;
      }
    }
    all.store.send = () => Promise.resolve({ status: 200, first: chunk, rest: rest() });
    return { ...all, ended: () => ended };
  }

  it('is handed on in pieces, and not kept', async () => {
    const { executor, queue } = startLong(6);
    const answer = await executor.execute(instant(), forever);
    expect(queue.load.running).toBe(1);
    expect(await textOf(answer)).toHaveLength(7 * 2 ** 20);
    await new Promise(setImmediate);
    expect([executor.cachedBytes, queue.load.running]).toEqual([0, 0]);
  });

  it('is broken off above the bound; who asks again is told why', async () => {
    const { executor, ended, queue } = startLong(9);
    const answer = await executor.execute(instant(), forever);
    await expect(textOf(answer)).rejects.toThrow('larger than 8 MiB');
    await new Promise(setImmediate);
    expect([ended(), queue.load.running]).toEqual([true, 0]);
    const again = await executor.execute(instant(), forever);
    expect(again).toMatchObject({ status: 422, cache: 'hit' });
    expect(await dataOf(again)).toEqual({
      status: 'error',
      errorType: 'execution',
      error:
        'The answer is larger than 8 MiB; ask for fewer series, a longer step or a shorter range',
    });
  });
});

describe('a store that is unwell', () => {
  it('leaves no gap behind where it answered with nothing for once', async () => {
    const { range, store, clock } = start();
    await range(-2 * hour, -hour);
    store.series = [];
    await range(-2 * hour, -hour / 2);
    store.series = [rising];
    clock.seconds += 60;
    const whole = store.answer({ start: noon - 2 * hour, end: noon - 900, step: 60 });
    expect(await dataOf(await range(-2 * hour, -900))).toEqual(whole);
  });

  it('has its gap given again for five seconds only, however coarse the range', async () => {
    const { range, store, clock } = start();
    await range(-2 * hour, -hour);
    store.series = [];
    await range(-2 * hour, -hour / 2);
    store.series = [rising];
    clock.seconds += 6;
    const whole = store.answer({ start: noon - 2 * hour, end: noon - hour / 2, step: 60 });
    expect(await dataOf(await range(-2 * hour, -hour / 2))).toEqual(whole);
  });

  it('is not believed for long when it tells an error with a 200', async () => {
    const { executor, store } = start();
    const body = '{"status":"error","errorType":"internal","error":"unwell"}';
    store.instead = () => ({ status: 200, body });
    expect(await dataOf(await executor.execute(instant(), forever))).toMatchObject({
      status: 'error',
    });
    store.instead = () => undefined;
    expect(await dataOf(await executor.execute(instant(), forever))).toMatchObject({
      status: 'success',
    });
  });

  it.each([
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"}"},"value":[1,',
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"}',
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b',
    '{"status":"success"}}',
    '[]',
    '',
  ])('is not believed, and never again, when its answer is cut: %s', async (body) => {
    const { executor, store } = start();
    store.instead = () => ({ status: 200, body });
    await expect(executor.execute(instant(), forever)).rejects.toThrow('no whole JSON object');
    store.instead = () => undefined;
    expect(await dataOf(await executor.execute(instant(), forever))).toMatchObject({
      status: 'success',
    });
    expect(store.seen).toHaveLength(2);
  });

  it('may write brackets and quotes inside of strings', async () => {
    const { executor, store } = start();
    const body = JSON.stringify({ status: 'success', data: { a: '}"{[\\', 'b"]': ['\\"', '{'] } });
    store.instead = () => ({ status: 200, body });
    expect(await textOf(await executor.execute(instant(), forever))).toBe(body);
  });
});
