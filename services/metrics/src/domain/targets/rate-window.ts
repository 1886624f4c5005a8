import { leftOpenRange } from '../promql/range-selector.js';

/**
 * How a store's `rate()` works: Prometheus extrapolates what grew in the range to the whole of it.
 * VictoriaMetrics divides by the time between the samples it used, one of them before the range; it
 * has another function for the growth within.
 */
export type RateSemantics = 'extrapolated' | 'between samples';

/** Shortest window a rate is taken over (ms): 5 minutes and four scrape intervals. */
export function shortestRateWindowMs(intervalMs: number): number {
  return Math.max(300_000, 4 * intervalMs);
}

/** Turns the selector of a counter into its rate per second. */
export type RateOf = (selected: string) => string;

/** One interval more than the window: the range then holds the sample at its beginning too. */
export function rateOver(windowMs: number, intervalMs: number): RateOf {
  const range = leftOpenRange(windowMs + intervalMs);
  return (selected) => `rate(${selected}${range})`;
}

/**
 * A rate over the shortest window that makes sense, which ended `offsetMs` ago: samples that arrive late
 * are in by then, whereas a rate up to now is too low by those that have not arrived.
 */
export function rateBefore(offsetMs: number, intervalMs: number): RateOf {
  const range = leftOpenRange(shortestRateWindowMs(intervalMs) + intervalMs);
  const offset = offsetMs === 0 ? '' : ` offset ${offsetMs}ms`;
  return (selected) => `rate(${selected}${range}${offset})`;
}
