import type { Comparison, TimeRange as RangeName } from '@bud-monitoring/contracts';
import { InputError } from '../input-error.js';
import { parseStep, parseTime } from './parse.js';
import { isTimezone, midnightBefore, offsetAt } from './timezone.js';
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
  /** Seconds by which local time is ahead of UTC: points are multiples of the step in local time. */
  readonly offset: number;
}

export interface RangeRequest {
  readonly time_range?: RangeName | undefined;
  readonly filter?: RangeName | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly step?: string | undefined;
  readonly compare?: Comparison | undefined;
  readonly timezone?: string | undefined;
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
  if (given !== undefined && name !== undefined) {
    throw new InputError(given, 'cannot stand together with time_range: a range is named or free');
  }
  const seconds = Math.floor(now / 1000);
  const zone = request.timezone ?? 'UTC';
  if (!isTimezone(zone)) throw new InputError('timezone', 'is no time zone of the IANA list');
  const range =
    given === undefined ? namedRange(name ?? 'today', seconds, zone) : freeRange(free, seconds);
  const previous = previousOf(range, request.compare, zone);
  return { ...range, previous, offset: offsetAt(zone, range.end) };
}

type NamedRange = Omit<Window, 'previous' | 'offset'>;

function namedRange(name: RangeName, end: number, zone: string): NamedRange {
  const before = (seconds: number, step: number) => ({ name, start: end - seconds, end, step });
  switch (name) {
    case '10min':
      return before(10 * minute, 30);
    case '7days':
      return before(7 * day, 6 * hour);
    case 'month':
      return before(30 * day, day);
    case 'today':
      return { name, start: midnightBefore(zone, end), end, step: 5 * minute };
  }
}

const shifts = { day, week: 7 * day } as const;

/** What a range is compared with: today the same hours of yesterday, others the span just before. */
function previousOf(
  { name, start, end }: NamedRange,
  compare: Comparison | undefined,
  zone: string,
): TimeRange {
  const length = end - start;
  const how = compare ?? (name === 'today' ? 'day' : 'previous');
  if (how === 'previous') return { start: start - length, end: start };
  const shift = shifts[how];
  // Today has 25 hours where clocks go back: yesterday is from midnight to midnight.
  if (length > shift && name !== 'today')
    throw new InputError('compare', `a range longer than a ${how} cannot use it`);
  // A day may have an hour more or less.
  const from = name === 'today' ? midnightBefore(zone, start - shift + day / 2) : start - shift;
  return { start: from, end: Math.min(from + length, start) };
}

function freeRange(free: Pick<RangeRequest, 'start' | 'end' | 'step'>, now: number): NamedRange {
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
  return { name: 'custom', start, end, step };
}

const steps = [30, minute, 5 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, day];

/** The finest usual step that keeps a series at about 300 points. */
function defaultStep(seconds: number): number {
  return steps.find((step) => seconds / step <= 300) ?? Math.ceil(seconds / 300 / day) * day;
}

/** The points of a series: multiples of the step in local time within the window; `null` where there is none. */
export function alignedPoints({
  start,
  end,
  step,
  offset,
}: Window): (TimeRange & { count: number }) | null {
  const first = Math.ceil((start + offset) / step) * step - offset;
  const last = Math.floor((end + offset) / step) * step - offset;
  return first > last ? null : { start: first, end: last, count: (last - first) / step + 1 };
}

/** No mean over less (seconds): a step that has just begun is no point. */
const shortestStep = 5 * minute;

/** The unfinished step at the end of a named range whose points are means of steps; `null` where there is none. */
export function unfinishedStep(window: Window): TimeRange | null {
  const last = alignedPoints(window)?.end;
  if (last === undefined || window.step <= shortestStep || window.name === 'custom') return null;
  return window.end - last < shortestStep ? null : { start: last, end: window.end };
}
