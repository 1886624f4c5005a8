import type { Labels } from '../../../ports.js';
import type { TimeRange } from '../../time/time-range.js';

/** What a target did in one block of time. */
export interface TargetBlock {
  readonly metric: Labels;
  readonly range: TimeRange;
  /** From sample to sample, without gaps longer than the longest: what is covered. */
  readonly runs: readonly TimeRange[];
  /** The same, but one that loses samples is there all the same. */
  readonly present: readonly TimeRange[];
  /** Seconds between samples. */
  readonly interval: number;
  /** Samples in it. */
  readonly count: number;
  /** By figure: growth per second between samples, or the mean of a gauge. */
  readonly values: FigureValues;
}

/** What a map has that these are read by. */
export interface FigureValues extends Iterable<readonly [figure: string, value: number]> {
  get(figure: string): number | undefined;
}

/** The values of many targets in one array: of those of a month a list for each would be most of the memory. */
export class ValueTable {
  readonly figures: readonly string[];
  readonly #values: Float64Array;
  #used = 0;

  /** Has room for so many targets. */
  constructor(figures: readonly string[], targets: number) {
    this.figures = figures;
    this.#values = new Float64Array(figures.length * targets);
  }

  /** Adds a target, with the value of each figure that has a finite one. */
  add(valueOf: (figure: string) => number | null | undefined): FigureValues {
    const first = this.#used;
    for (const figure of this.figures) this.#values[this.#used++] = valueOf(figure) ?? NaN;
    return new ValueRow(this, first);
  }

  at(place: number): number | undefined {
    const value = this.#values[place] ?? NaN;
    return Number.isFinite(value) ? value : undefined;
  }
}

/** The values of one target in a table, from its first place on. */
class ValueRow implements FigureValues {
  readonly #table: ValueTable;
  readonly #first: number;

  constructor(table: ValueTable, first: number) {
    this.#table = table;
    this.#first = first;
  }

  get(figure: string): number | undefined {
    const index = this.#table.figures.indexOf(figure);
    return index < 0 ? undefined : this.#table.at(this.#first + index);
  }

  *[Symbol.iterator]() {
    for (const figure of this.#table.figures) {
      const value = this.get(figure);
      if (value !== undefined) yield [figure, value] as const;
    }
  }
}

/** One node, device or other thing in a block, by the targets that speak of it. */
export type MergedBlock = Omit<TargetBlock, 'metric' | 'count'>;

/**
 * What several targets say about one thing counts once: of the best covered first, and of the others for the
 * time that it lacks.
 */
export function mergeTargets(blocks: readonly TargetBlock[]): MergedBlock | null {
  const [best, ...others] = [...blocks].sort((a, b) => lengthOf(b.runs) - lengthOf(a.runs));
  if (best === undefined || others.length === 0) return best ?? null;
  const values = new Map<string, number>();
  for (const figure of new Set(blocks.flatMap(({ values }) => [...values].map(([name]) => name)))) {
    let covered: TimeRange[] = [];
    let sum = 0;
    let seconds = 0;
    for (const block of [best, ...others]) {
      const value = block.values.get(figure);
      if (value === undefined) continue;
      const union = unionOf([...covered, ...block.runs]);
      const added = lengthOf(union) - lengthOf(covered);
      covered = union;
      // One without a pair of samples counts only where nothing else says anything.
      const weight = seconds === 0 ? Math.max(added, 1e-6) : added;
      sum += value * weight;
      seconds += weight;
    }
    values.set(figure, sum / seconds);
  }
  return {
    range: best.range,
    runs: unionOf(blocks.flatMap(({ runs }) => runs)),
    present: unionOf(blocks.flatMap(({ present }) => present)),
    interval: best.interval,
    values,
  };
}

/** Seconds of ranges that do not overlap. */
export function lengthOf(ranges: readonly TimeRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Ranges as the fewest that cover the same; those nearer than `slack` seconds become one. */
export function unionOf(ranges: readonly TimeRange[], slack = 1e-3): TimeRange[] {
  const union: { start: number; end: number }[] = [];
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = union.at(-1);
    if (last !== undefined && start - last.end <= slack) last.end = Math.max(last.end, end);
    else union.push({ start, end });
  }
  return union;
}

/** Ranges clipped to one; those of which nothing is left, or that end before they start, are none. */
export function clip(ranges: readonly TimeRange[], to: TimeRange): readonly TimeRange[] {
  // Most are whole, and of the targets of a month there are many.
  if (ranges.every(({ start, end }) => start >= to.start && start < end && end <= to.end))
    return ranges;
  return ranges.flatMap(({ start, end }) => {
    const clipped = { start: Math.max(start, to.start), end: Math.min(end, to.end) };
    return clipped.end > clipped.start ? [clipped] : [];
  });
}
