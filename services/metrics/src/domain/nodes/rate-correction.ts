import type { Figure, FigureReader } from '../promql/figure.js';
import type { Scope } from '../promql/scope.js';
import { heartbeatSelector } from '../targets/node-exporter.js';
import type { RateSemantics } from '../targets/rate-window.js';

/** Which nodes came or went within the rate window: heartbeats within it, and targets before it. */
export function rateCorrectionFigures(scope: Scope, windowMs: number): Figure[] {
  const heartbeat = heartbeatSelector(scope);
  if (heartbeat === null) return [];
  return [
    {
      figure: 'recent',
      expr: `max by (instance) (count_over_time(${heartbeat}[${windowMs - 1}ms]))`,
    },
    {
      figure: 'before',
      expr: `count by (instance) (last_over_time(${heartbeat}[${windowMs - 1}ms] offset ${windowMs}ms))`,
    },
  ];
}

/**
 * Factor by which the rates of a node are too low since it came or went within the rate window: a store
 * that extrapolates spreads over the whole range what grew while the node was seen, and half an
 * interval beyond. 1 for every other node, and where the store does not extrapolate.
 */
export function rateCorrection(
  read: FigureReader,
  options: {
    /** Unix seconds. */
    readonly end: number;
    readonly windowMs: number;
    readonly intervalMs: number;
    readonly rateSemantics: RateSemantics;
  },
): number {
  const { end, windowMs, intervalMs, rateSemantics } = options;
  if (rateSemantics === 'between samples') return 1;
  const recent = read('recent');
  const heard = read('heard');
  if (recent === null || heard === null) return 1;
  const ageMs = (end - heard) * 1000;
  const isGone = ageMs > 1.5 * intervalMs;
  const isNew = read('before') === null;
  if (!isGone && !isNew) return 1;
  const rangeMs = windowMs + intervalMs;
  const extrapolatedMs = isGone ? intervalMs / 2 : ageMs;
  const seenMs = isNew ? (recent - 0.5) * intervalMs : rangeMs - ageMs;
  return Math.max(1, rangeMs / (seenMs + extrapolatedMs));
}
