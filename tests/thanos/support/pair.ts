import { valueOf } from '../../../stack/src/fleet/known-series/known-series.js';
import type { KnownSeries } from '../../../stack/src/fleet/index.js';

/** How the second of two Prometheus servers differs from the first. Seconds. */
export interface PairOptions {
  /** How far its clock is ahead. */
  readonly apart: number;
  /** How much later it scrapes. */
  readonly later: number;
  /** When each of them was down: `[from, to)`, Unix seconds. */
  readonly down?: { readonly a: readonly Span[]; readonly b: readonly Span[] };
}

type Span = readonly [from: number, to: number];

/** Series with times of their own, as a pair of servers stores them that scrape the same targets. */
export function seriesOfPair(
  series: readonly KnownSeries[],
  { apart, later, down = { a: [], b: [] } }: PairOptions,
): KnownSeries[] {
  const isUp = (spans: readonly Span[]) => (time: number) =>
    spans.every(([from, to]) => time < from || time >= to);
  return series.flatMap(({ name, labels, values, times = [] }) => {
    const start = times[0] ?? 0;
    const at = valueOf(values, { name, start, interval: 1, times: times.length });
    const of = (
      replica: string,
      own: readonly number[],
      value: (t: number) => number | undefined,
    ) =>
      own.length === 0
        ? []
        : [
            {
              name,
              labels: { ...labels, prometheus_replica: replica },
              times: own,
              values: (_elapsed: number, t: number) => value(t),
            },
          ];
    const scraped = times.map((time) => Math.round((time + later + apart) * 1000) / 1000);
    return [
      ...of('a', times.filter(isUp(down.a)), at),
      ...of('b', scraped.filter(isUp(down.b)), (t) => at(t - apart)),
    ];
  });
}
