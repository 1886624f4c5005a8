import { describe, expect, it } from '@jest/globals';
import type { TimeRange as RangeName } from '@bud-monitoring/contracts';
import { InputError } from '../input-error.js';
import { day, type TimeRange } from './time-range.js';
import { alignedPoints, resolveWindow, unfinishedStep, type RangeRequest } from './window.js';

const now = Date.parse('2026-03-10T15:32:10.500Z');
const end = Math.floor(now / 1000);
const midnight = Date.parse('2026-03-10T00:00:00Z') / 1000;

describe('resolveWindow', () => {
  it.each<[RangeName, number, number, TimeRange]>([
    ['10min', end - 600, 30, { start: end - 1200, end: end - 600 }],
    ['today', midnight, 300, { start: midnight - day, end: end - day }],
    ['7days', end - 7 * day, 21_600, { start: end - 14 * day, end: end - 7 * day }],
    ['month', end - 30 * day, day, { start: end - 60 * day, end: end - 30 * day }],
  ])('resolves %s', (name, start, step, previous) => {
    const window = { name, start, end, step, previous, offset: 0 };
    expect(resolveWindow({ time_range: name }, now)).toEqual(window);
    expect(resolveWindow({ filter: name }, now)).toEqual(window);
  });

  it('is today unless told', () => {
    expect(resolveWindow({}, now)).toEqual(resolveWindow({ time_range: 'today' }, now));
  });

  it('is compared with what the request says', () => {
    const range = { start: String(end - 3600), end: String(end) };
    const previousOf = (more: RangeRequest) => resolveWindow({ ...range, ...more }, now).previous;
    expect(previousOf({})).toEqual({ start: end - 7200, end: end - 3600 });
    expect(previousOf({ compare: 'day' })).toEqual({ start: end - 3600 - day, end: end - day });
    expect(previousOf({ compare: 'week' })).toEqual({
      start: end - 3600 - 7 * day,
      end: end - 7 * day,
    });
    expect(resolveWindow({ time_range: 'today', compare: 'previous' }, now).previous).toEqual({
      start: 2 * midnight - end,
      end: midnight,
    });
    expect(() => resolveWindow({ time_range: '7days', compare: 'day' }, now)).toThrow(InputError);
  });

  it('begins today at midnight of the time zone, also on days that are longer or shorter', () => {
    const at = (text: string) => Date.parse(text);
    const startIn = (timezone: string, time: string) =>
      resolveWindow({ timezone }, at(time)).start * 1000;
    expect(startIn('Asia/Kolkata', '2026-03-10T15:32:10Z')).toBe(at('2026-03-09T18:30:00Z'));
    expect(startIn('Europe/Berlin', '2026-03-29T15:00:00Z')).toBe(at('2026-03-28T23:00:00Z'));
    expect(startIn('Europe/Berlin', '2026-10-25T15:00:00Z')).toBe(at('2026-10-24T22:00:00Z'));
    // A day of 25 hours, near its end.
    const late = resolveWindow({ timezone: 'Europe/Berlin' }, at('2026-10-25T22:30:00Z'));
    expect(late.end - late.start).toBe(24.5 * 3600);
    expect(late.previous).toEqual({ start: late.start - 86_400, end: late.start });
    const after = resolveWindow({ timezone: 'Europe/Berlin' }, at('2026-03-30T15:00:00Z'));
    expect(after.previous.start * 1000).toBe(at('2026-03-28T23:00:00Z'));
    const month = resolveWindow({ time_range: 'month', timezone: 'Asia/Kolkata' }, now);
    expect((alignedPoints(month)!.end + 19_800) % day).toBe(0);
    expect(() => resolveWindow({ timezone: 'Mars/Base' }, now)).toThrow(InputError);
  });

  it('has an unfinished step at its end', () => {
    const month = resolveWindow({ time_range: 'month' }, now);
    expect(unfinishedStep(month)).toEqual({ start: midnight, end });
    expect(unfinishedStep(resolveWindow({ time_range: 'today' }, now))).toBeNull();
  });

  it('has a window of no length at midnight, and still one to compare with', () => {
    const { start, end: last, previous } = resolveWindow({}, midnight * 1000);
    expect([start, last, previous]).toEqual([
      midnight,
      midnight,
      { start: midnight - day, end: midnight - day },
    ]);
  });

  it.each<[RangeRequest, object]>([
    [
      { start: '1000', end: '4600', step: '60' },
      { start: 1000, end: 4600, step: 60 },
    ],
    [
      { start: '2026-03-10T00:00:00+01:00', end: '2026-03-10T00:00:00.9Z' },
      { start: midnight - 3600, end: midnight, step: 30 },
    ],
    [
      { start: String(end - 86_400), step: '1h30m' },
      { end, step: 5400 },
    ],
    // Nothing is known of the future.
    [
      { start: String(end - 60), end: String(end + 60) },
      { start: end - 60, end },
    ],
    [{ start: '0', end: '86400000' }, { step: 4 * day }],
  ])('resolves the free range %j', (request, expected) => {
    const window = resolveWindow(request, now);
    expect(window).toMatchObject({ name: 'custom', ...expected });
    const { start, end: last, previous } = window;
    expect(previous).toEqual({ start: start - (last - start), end: start });
  });

  it.each<[RangeRequest, string]>([
    [{ time_range: 'today', filter: 'month' }, 'filter'],
    [{ time_range: 'today', end: '5' }, 'end'],
    [{ filter: 'today', step: '5' }, 'step'],
    [{ end: '5' }, 'start'],
    [{ start: 'x' }, 'start'],
    [{ start: '0' }, 'start'],
    [{ start: '-5' }, 'start'],
    [{ start: '5', end: '5' }, 'start'],
    [{ start: String(end + 5), end: String(end + 10) }, 'start'],
    [{ start: '0', end: '11000', step: '1' }, 'step'],
    [{ start: '0', end: '100', step: '0' }, 'step'],
    [{ start: '0', end: '100', step: '1500ms' }, 'step'],
    [{ start: '2026-02-30T00:00:00Z' }, 'start'],
    [{ start: '2026-02-20' }, 'start'],
  ])('refuses %j', (request, field) => {
    const refused = (): unknown => {
      try {
        return resolveWindow(request, now);
      } catch (error) {
        return error;
      }
    };
    const error = refused();
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).field).toBe(field);
  });
});

describe('alignedPoints', () => {
  it('takes the multiples of the step within the window', () => {
    const window = resolveWindow({ start: '1001', end: '4600', step: '600' }, now);
    expect(alignedPoints(window)).toEqual({ start: 1200, end: 4200, count: 6 });
  });

  it('has none where the step does not fall into the window', () => {
    const window = resolveWindow({ start: '1001', end: '1100', step: '600' }, now);
    expect(alignedPoints(window)).toBeNull();
  });

  it.each<[RangeName, number]>([
    ['today', 187],
    ['7days', 28],
    ['month', 30],
  ])('gives %s its points', (time_range, count) => {
    expect(alignedPoints(resolveWindow({ time_range }, now))).toMatchObject({ count });
  });
});
