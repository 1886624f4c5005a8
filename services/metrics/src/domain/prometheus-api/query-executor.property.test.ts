import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFakeUpstream, type FakeSeries } from '../../testing/fake-upstream.js';
import { createQueryExecutor } from './query-executor.js';
import { createFairQueue } from './upstream/fair-queue.js';

const forever = new AbortController().signal;
const runs = Number(process.env['PROPERTY_RUNS'] ?? 150);
const settledAfter = 600;
const freshMs = 5000;
const noon = 1_800_000_000;

/** Chance that depends on its seeds alone, 0 to 1. */
function chance(...seeds: readonly number[]): number {
  let hash = 2_166_136_261;
  for (const seed of seeds) hash = Math.imul(hash ^ seed, 16_777_619) ^ (hash >>> 13);
  return (hash >>> 0) / 2 ** 32;
}

/** Series with gaps that begin, end and begin again; a point may come as late as the margin allows. */
function seriesOf(seed: number, count: number): FakeSeries[] {
  return Array.from({ length: count }, (_, index) => ({
    metric: { __name__: 'x', series: String(index) },
    at(time, now) {
      const isThere = chance(seed, index, Math.floor(time / 900)) < 0.7;
      const isGap = chance(seed, index, time, 1) < 0.1;
      const isLate = now - time < chance(seed, index, time, 2) * settledAfter;
      return isThere && !isGap && !isLate ? String(time % 9973) : null;
    },
  }));
}

interface Move {
  /** Seconds the clock goes on. */
  readonly wait: number;
  readonly step: number;
  /** Seconds from the end of the range to now, and of the grid; steps from its start to its end. */
  readonly age: number;
  readonly offset: number;
  readonly steps: number;
  /** A part that the store answers in trouble. */
  readonly trouble: 'none' | 'warning' | 'failure';
}

const often = <T>(usual: T, others: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });

const moves = fc.array(
  fc.record<Move>({
    wait: fc.oneof(fc.constantFrom(0, 1, 5, 30, 31, 60), often(60, fc.nat(2000))),
    step: often(60, fc.constantFrom(7, 60, 300)),
    age: fc.oneof(fc.constantFrom(0, 0, 900, 1800), fc.integer({ min: -120, max: 4000 })),
    offset: often(0, fc.constantFrom(1, 13)),
    steps: fc.oneof(fc.constantFrom(0, 20, 40), fc.nat(100)),
    trouble: often('none', fc.constantFrom('none', 'none', 'warning', 'failure')),
  }),
  { minLength: 2, maxLength: 25, size: 'max' },
);

interface Body {
  data: { result: { metric: object; values: [number, string][] }[] };
}

/** Points as `series time value`, so that two answers can be compared point by point. */
const pointsOf = ({ data }: Body) =>
  new Set(
    data.result.flatMap(({ metric, values }) =>
      values.map(([time, value]) => `${JSON.stringify(metric)} ${time} ${value}`),
    ),
  );

/**
 * Whatever was asked before, an answer has the points that the store has: exactly those of now that
 * have settled; of the younger ones, those of some moment within the time that answers are reused.
 */
it('equals what the store answers, for any sequence of ranges', async () => {
  const states = { hit: 0, partial: 0, miss: 0, bypass: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 4 }), moves, async (seed, count, list) => {
      const clock = { seconds: noon, now: () => clock.seconds * 1000 };
      const store = createFakeUpstream(clock, seriesOf(seed, count));
      const queue = createFairQueue({ total: 8, perKey: 8, waiting: 8 }, clock);
      const executor = createQueryExecutor({
        upstream: store,
        queue,
        clock,
        cacheBytes: 2_000_000,
        maxResponseBytes: 10_000_000,
        freshMs,
        settledAfterSeconds: settledAfter,
        extentSeconds: 1800,
      });
      for (const { wait, step, age, offset, steps, trouble } of list) {
        clock.seconds += wait;
        const end = Math.floor((clock.seconds - age) / step) * step + offset;
        const start = end - steps * step;
        const range = { query: 'x', start, end: end + 1, step };
        store.notes = trouble === 'warning' ? { warnings: ['cut'] } : {};
        store.instead = () => (trouble === 'failure' ? new Error('down') : undefined);
        const form = new URLSearchParams({ query: 'x', start: `${start}`, end: `${range.end}` });
        form.set('step', String(step));
        const call = { method: 'POST', path: '/query_range', form: String(form) } as const;
        const upstreamRequest = { ...call, timeoutMs: 1000 };
        const ask = { queueKey: 'me', scopeKey: 'me', range, upstreamRequest };
        const answer = await executor.execute(ask, forever).catch(() => null);
        if (answer === null && trouble === 'failure') continue;
        if (answer === null) throw new Error('not answered');
        states[answer.cache] += 1;
        const body = JSON.parse((answer.body as Buffer).toString()) as Body;
        const now = store.answer(range) as Body;
        // Values never change here; points only come. So: none too many, and none of the settled missing.
        const [got, all] = [pointsOf(body), pointsOf(now)];
        expect([...got].filter((point) => !all.has(point))).toEqual([]);
        const reusedFor = 6 * (freshMs / 1000);
        clock.seconds -= reusedFor;
        const earlier = pointsOf(store.answer(range) as Body);
        clock.seconds += reusedFor;
        expect([...earlier].filter((point) => !got.has(point))).toEqual([]);
        // And in the same order and form where they are the same.
        const same = got.size === all.size ? now.data : body.data;
        expect(body.data).toEqual(same);
      }
      // What a failed part had beside it ends a little later.
      for (let turn = 0; turn < 9 && queue.load.running > 0; turn += 1) {
        await new Promise(setImmediate);
      }
      expect(queue.load).toEqual({ running: 0, waiting: 0 });
    }),
    { numRuns: runs, ...(runs > 150 ? {} : { seed: 1 }) },
  );
  const { hit, partial, miss } = states;
  expect(Math.min(hit, partial, miss)).toBeGreaterThan(runs / 2);
}, 600_000);
