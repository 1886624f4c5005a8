import { call, type Pairs } from './call.js';

/** Values by series and time. */
export type Points = ReadonlyMap<string, ReadonlyMap<number, string>>;

interface Result {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

/** The points of an answer to `query` or `query_range`. */
export function pointsOf(data: unknown): Points {
  const { result } = data as { result: readonly Result[] };
  return new Map(
    result.map(({ metric, value, values }) => [
      JSON.stringify(Object.entries(metric).sort()),
      new Map(values ?? (value === undefined ? [] : [value])),
    ]),
  );
}

/** What the store truly said of a query, at all times of the test, since when. */
interface Epoch {
  /** The service's time from which on it was true, ms. */
  readonly from: number;
  readonly points: Points;
}

/** What a store truly says, now and before samples came late. */
export interface Truth {
  /** Late samples were written: what is true is another from now on. */
  changed(): void;
  /** All that was true of a query at a step at any moment of the last so many ms. */
  of(query: string, step: number): Promise<(withinMs: number) => readonly Points[]>;
}

export function createTruth(options: {
  store: string;
  /** All times there are, Unix seconds. */
  span: { start: number; end: number };
  /** The service's time, ms. */
  clock: () => number;
}): Truth {
  const { store, span, clock } = options;
  const epochs = new Map<string, Epoch[]>();
  let changedAt = -Infinity;

  async function ask(parameters: Pairs): Promise<Points> {
    const { status, body } = await call(store, '/query_range', parameters, { method: 'POST' });
    if (status !== 200) throw new Error(`the store answered ${status}: ${body.error ?? ''}`);
    return pointsOf(body.data);
  }
  return {
    changed: () => (changedAt = clock()),
    async of(query, step) {
      const key = `${step} ${query}`;
      const parameters: Pairs = [
        ['query', query],
        ['step', String(step)],
        ['start', String(span.start)],
        ['end', String(span.end)],
      ];
      const own = epochs.get(key) ?? [];
      epochs.set(key, own);
      const last = own.at(-1);
      if (last === undefined || last.from < changedAt) {
        own.push({
          from: last === undefined ? -Infinity : changedAt,
          points: await ask(parameters),
        });
      }
      return (withinMs) => {
        const since = clock() - withinMs;
        return own.flatMap(({ points }, n) => {
          const until = own[n + 1]?.from ?? Infinity;
          return until < since ? [] : [points];
        });
      };
    },
  };
}
