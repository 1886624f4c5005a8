import type { OverRange } from '../time-base/counter-figure.js';
import { rangeOf } from '../time-base/growth.js';
import { rateWindows } from '../time-base/rate-window.js';

/** One recording rule: what it is recorded as, and of what. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Busy cores of each node, as recorded. */
export const recordedBusyCores = 'instance:bud_cpu_busy:cores';

/** A figure of each node over the shortest rate window in which it has two samples. */
export function overRateWindows(figure: (rateOf: OverRange) => string): string {
  return rateWindows
    .map((window) => figure((selected) => `rate(${selected}${rangeOf(window)})`))
    .join(' or ');
}
