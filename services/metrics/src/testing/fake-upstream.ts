import type { Upstream } from '../domain/prometheus-api/upstream/upstream.js';
import type { Clock } from '../ports.js';

/** A series that is a function of time: the text of its value, null for none; `now` in Unix seconds. */
export interface FakeSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly at: (time: number, now: number) => string | null;
}

/** A request to the fake. */
export interface Seen {
  readonly path: string;
  readonly form: URLSearchParams;
}

export interface FakeUpstream extends Upstream {
  readonly seen: Seen[];
  series: readonly FakeSeries[];
  /** Added to answers: `warnings`, `infos`, `isPartial`. */
  notes: Readonly<Record<string, unknown>>;
  /** Replaces the response, where it returns something. */
  instead: (seen: Seen) => { status: number; body: string } | Error | undefined;
  /** What it answers to a range query now. */
  answer(range: { start: number; end: number; step: number }): unknown;
}

/** A fake store that knows one range query, for tests of what is in front of it. */
export function createFakeUpstream(clock: Clock, series: readonly FakeSeries[]): FakeUpstream {
  const store: FakeUpstream = {
    seen: [],
    series,
    notes: {},
    instead: () => undefined,
    answer({ start, end, step }) {
      const now = clock.now() / 1000;
      const result = store.series.flatMap(({ metric, at }) => {
        const values: [number, string][] = [];
        for (let time = start; time <= end; time += step) {
          const value = at(time, now);
          if (value !== null) values.push([time, value]);
        }
        return values.length === 0 ? [] : [{ metric, values }];
      });
      return { status: 'success', data: { resultType: 'matrix', result }, ...store.notes };
    },
    async send({ path, form }) {
      const seen = { path, form: new URLSearchParams(form) };
      store.seen.push(seen);
      await new Promise(setImmediate);
      const other = store.instead(seen);
      if (other instanceof Error) throw other;
      if (other !== undefined) {
        return { status: other.status, first: Buffer.from(other.body), rest: null };
      }
      if (path !== '/query_range') {
        const body = '{"status":"success","data":{"resultType":"vector","result":[]}}';
        return { status: 200, first: Buffer.from(body), rest: null };
      }
      const number = (name: string) => Number(seen.form.get(name));
      const range = { start: number('start'), end: number('end'), step: number('step') };
      return { status: 200, first: Buffer.from(JSON.stringify(store.answer(range))), rest: null };
    },
  };
  return store;
}
