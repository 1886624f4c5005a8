import { describe, expect, it } from '@jest/globals';
import { eventTimeFromMs, eventTimeToMs, parseEventTime } from './event-time.js';

describe('parseEventTime', () => {
  it.each([
    ['2026-11-22T18:00:00Z', '2026-11-22T18:00:00.000000000Z'],
    ['2026-11-22T18:00:00.5Z', '2026-11-22T18:00:00.500000000Z'],
    ['2026-11-22T18:00:00.123456789Z', '2026-11-22T18:00:00.123456789Z'],
    ['2026-11-22T19:30:00.25+01:30', '2026-11-22T18:00:00.250000000Z'],
    ['2026-11-22t18:00:00z', '2026-11-22T18:00:00.000000000Z'],
    ['2026-11-22T18:00:00.1234567891234Z', '2026-11-22T18:00:00.123456789Z'],
  ])('reads %s', (text, expected) => {
    expect(parseEventTime(text)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-11-22',
    '2026-11-22T18:00:00',
    '2026-13-22T18:00:00Z',
    '1732298400',
  ])('refuses %j', (text) => {
    expect(parseEventTime(text)).toBeNull();
  });

  it('orders what differs by a nanosecond only', () => {
    const earlier = parseEventTime('2026-11-22T18:00:00.000000001Z')!;
    const later = parseEventTime('2026-11-22T18:00:00.000000002Z')!;
    expect(earlier < later).toBe(true);
  });

  it('turns Unix milliseconds into an event time and back', () => {
    expect(eventTimeToMs(eventTimeFromMs(1_795_370_400_123))).toBe(1_795_370_400_123);
  });
});
