import { describe, expect, it } from '@jest/globals';
import { eventTimeFromMs, eventTimeToMs, isTie, parseEventTime } from './event-time.js';

describe('parseEventTime', () => {
  it.each([
    ['2026-11-22T18:00:00Z', '2026-11-22T18:00:00'],
    ['2026-11-22T18:00:00.000Z', '2026-11-22T18:00:00.000000000Z'],
    ['2026-11-22T18:00:00.5Z', '2026-11-22T18:00:00.500000000Z'],
    ['2026-11-22T18:00:00.123456789Z', '2026-11-22T18:00:00.123456789Z'],
    ['2026-11-22T18:00:00.1234567891234Z', '2026-11-22T18:00:00.123456789Z'],
    ['2026-11-22T19:30:00.25+01:30', '2026-11-22T18:00:00.250000000Z'],
    ['2026-11-22T16:30:00-0130', '2026-11-22T18:00:00'],
    ['2026-11-23T02:00:00+08', '2026-11-22T18:00:00'],
    ['2026-11-22t18:00:00z', '2026-11-22T18:00:00'],
    [' 2026-11-22 18:00:00.25 ', '2026-11-22T18:00:00.250000000Z'],
    ['2026-11-22T18:00:00', '2026-11-22T18:00:00'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00'],
    ['2017-01-01T00:59:60.5+01:00', '2017-01-01T00:00:00.500000000Z'],
    ['1969-07-20T20:17:40Z', '1969-07-20T20:17:40'],
  ])('reads %s', (text, expected) => {
    expect(parseEventTime(text)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-11-22',
    '2026-13-22T18:00:00Z',
    '2026-02-30T18:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T18:60:00Z',
    '2026-11-22T18:00:61Z',
    '2026-11-22T18:00:00+25:00',
    '0000-01-01T00:00:00+01:00',
    '1732298400',
    `2026-11-22T18:00:00.${'1'.repeat(100)}Z`,
  ])('refuses %j', (text) => {
    expect(parseEventTime(text)).toBeNull();
  });

  it('orders a whole second before all finer times of it, and those by their nanoseconds', () => {
    const texts = [
      '2026-11-22T17:59:59.999999999Z',
      '2026-11-22T18:00:00Z',
      '2026-11-22T18:00:00.0Z',
      '2026-11-22T18:00:00.000000001Z',
      '2026-11-22T18:00:00.000000002Z',
      '2026-11-22T18:00:01Z',
    ];
    const times = texts.map((text) => parseEventTime(text)!);
    expect([...times].reverse().sort()).toEqual(times);
  });

  it.each([
    ['2026-11-22T18:00:00Z', '2026-11-22T18:00:00.9Z', true],
    ['2026-11-22T18:00:00.9Z', '2026-11-22T18:00:00.9Z', true],
    ['2026-11-22T18:00:00.8Z', '2026-11-22T18:00:00.9Z', false],
    ['2026-11-22T18:00:00Z', '2026-11-22T18:00:01Z', false],
  ])('says whether %s and %s tie', (a, b, expected) => {
    expect(isTie(parseEventTime(a)!, parseEventTime(b)!)).toBe(expected);
    expect(isTie(parseEventTime(b)!, parseEventTime(a)!)).toBe(expected);
  });

  it('turns Unix milliseconds into an event time and back', () => {
    expect(eventTimeToMs(eventTimeFromMs(1_795_370_400_123))).toBe(1_795_370_400_123);
    expect(eventTimeToMs(parseEventTime('2026-11-22T18:00:00Z')!)).toBe(1_795_370_400_000);
  });
});
