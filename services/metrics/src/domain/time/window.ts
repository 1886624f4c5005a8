import type { TimeRange as RangeName } from '@bud-monitoring/contracts';
import { InputError } from '../input-error.js';
import { parseStep, parseTime } from './parse.js';
import { day, type TimeRange } from './time-range.js';

const minute = 60;
const hour = 3600;

/** Most points one series may have; Prometheus' own limit. */
const maxPoints = 11_000;

/** Longest free range, in days. */
const maxDays = 1100;

/** What an answer speaks of: the window, its step, and the window it is compared with. */
export interface Window extends TimeRange {
  readonly name: RangeName | 'custom';
  readonly step: number;
  readonly previous: TimeRange;
}

export interface RangeRequest {
  readonly time_range?: RangeName | undefined;
  readonly filter?: RangeName | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly step?: string | undefined;
}

/** The window a request asks for at `now` (ms). Throws InputError naming the parameter at fault. */
export function resolveWindow(request: RangeRequest, now: number): Window {
  const { time_range, filter, start, end, step } = request;
  if (time_range !== undefined && filter !== undefined && time_range !== filter) {
    throw new InputError('filter', 'is another spelling of time_range and must not differ from it');
  }
  const name = time_range ?? filter;
  const free = { start, end, step };
  const given = Object.entries(free).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined) return namedWindow(name ?? 'today', Math.floor(now / 1000));
  if (name !== undefined) {
    throw new InputError(given, 'cannot stand together with time_range: a range is named or free');
  }
  return freeWindow(free, Math.floor(now / 1000));
}

function namedWindow(name: RangeName, end: number): Window {
  const before = (seconds: number, step: number): Window => ({
    name,
    start: end - seconds,
    end,
    step,
    previous: { start: end - 2 * seconds, end: end - seconds },
  });
  switch (name) {
    case '10min':
      return before(10 * minute, 30);
    case '7days':
      return before(7 * day, 6 * hour);
    case 'month':
      return before(30 * day, day);
    case 'today': {
      const start = Math.floor(end / day) * day;
      const previous = { start: start - day, end: end - day };
      return { name, start, end, step: 5 * minute, previous };
    }
  }
}

function freeWindow(free: Pick<RangeRequest, 'start' | 'end' | 'step'>, now: number): Window {
  if (free.start === undefined) throw new InputError('start', 'is required for a free range');
  const start = parseTime('start', free.start);
  const asked = free.end === undefined ? now : parseTime('end', free.end);
  if (start >= asked) throw new InputError('start', 'must be before end');
  if (start >= now) throw new InputError('start', 'must not be in the future');
  // Nothing is known of the future: a range that reaches into it ends now.
  const end = Math.min(asked, now);
  const step = free.step === undefined ? defaultStep(end - start) : parseStep('step', free.step);
  if ((end - start) / step + 1 > maxPoints) {
    throw new InputError('step', `is too fine: a series may have at most ${maxPoints} points`);
  }
  if (end - start > maxDays * day)
    throw new InputError('start', `must be at most ${maxDays} days before the end`);
  const previous = { start: start - (end - start), end: start };
  return { name: 'custom', start, end, step, previous };
}

const steps = [30, minute, 5 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, day];

/** The finest usual step that keeps a series at about 300 points. */
function defaultStep(seconds: number): number {
  return steps.find((step) => seconds / step <= 300) ?? Math.ceil(seconds / 300 / day) * day;
}

/** The points of a series: multiples of the step within the window; `null` where there is none. */
export function alignedPoints({
  start,
  end,
  step,
}: Window): (TimeRange & { count: number }) | null {
  const first = Math.ceil(start / step) * step;
  const last = Math.floor(end / step) * step;
  return first > last ? null : { start: first, end: last, count: (last - first) / step + 1 };
}
