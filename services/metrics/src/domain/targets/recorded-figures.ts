import type { OverRange } from '../time-base/counter-figure.js';
import { rangeOf } from '../time-base/growth.js';
import { rateWindows } from '../time-base/rate-window.js';

/** One recording rule: what it is recorded as, and of what. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** Figures of each node as recorded: more than one rule is made of them. */
export const recordedFigures = {
  busyCores: 'instance:bud_cpu_busy:cores',
  memory: { total: 'instance:bud_memory_total:bytes', free: 'instance:bud_memory_free:bytes' },
  storage: { total: 'instance:bud_storage_total:bytes', free: 'instance:bud_storage_free:bytes' },
} as const;

/** A figure of each node over the shortest rate window in which it has two samples. */
export function overRateWindows(figure: (rateOf: OverRange) => string): string {
  return rateWindows
    .map((window) => figure((selected) => `rate(${selected}${rangeOf(window)})`))
    .join(' or ');
}
