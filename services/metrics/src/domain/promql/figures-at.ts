import type { Labels, RangeRow } from '../../ports.js';
import type { Figures, RangeFigures } from './figure.js';

/**
 * Figures at one time, handed over row by row: a month of a thousand nodes has millions of rows, and objects for
 * them would be most of the memory.
 */
export interface FiguresAt {
  readonly names: Iterable<string>;
  each(figure: string, take: (metric: Labels, value: number) => void): void;
}

/** The figures of an instant answer. */
export function figuresOfInstant(instant: Figures): FiguresAt {
  return {
    names: instant.keys(),
    each(figure, take) {
      for (const { metric, value } of instant.get(figure) ?? []) take(metric, value);
    },
  };
}

/** The figures of a range answer at one of its times. */
export function figuresAtTime(range: RangeFigures, time: number): FiguresAt {
  return {
    names: range.keys(),
    each(figure, take) {
      for (const { metric, times, values } of range.get(figure) ?? []) {
        const value = valueAt({ times, values }, time);
        if (value !== undefined && Number.isFinite(value)) take(metric, value);
      }
    },
  };
}

/** Figures, of which some rows are those of another reading. */
export function mergedFigures(
  all: FiguresAt,
  own: FiguresAt,
  isOther: (metric: Labels, figure: string) => boolean,
): FiguresAt {
  return {
    names: new Set([...all.names, ...own.names]),
    each(figure, take) {
      all.each(figure, (metric, value) => {
        if (isOther(metric, figure)) take(metric, value);
      });
      own.each(figure, take);
    },
  };
}

/** The value of a row at a time, where it has one. */
export function valueAt(
  { times, values }: Pick<RangeRow, 'times' | 'values'>,
  time: number,
): number | undefined {
  let low = 0;
  let high = times.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = times[middle] ?? 0;
    if (found === time) return values[middle];
    if (found < time) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
