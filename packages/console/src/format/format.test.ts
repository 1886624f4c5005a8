import { describe, expect, it } from '@jest/globals';
import { formatChange, formatFigure, type Unit } from './figure.js';
import { timeTicks, valueTicks } from './ticks.js';
import { formatSpan, formatTime, fromWallTime, toWallTime, zoneName, zoneOffset } from './time.js';

const at = (text: string) => Date.parse(text) / 1000;

describe('a figure', () => {
  it.each<[number, Unit, string, string]>([
    [7.54, 'gib', '7.54 GiB', '7.54 GiB'],
    [289.9, 'gib', '290 GiB', '289.9 GiB'],
    [12_595.2, 'gib', '12.3 TiB', '12,595.2 GiB'],
    [0.25, 'gib', '256 MiB', '0.25 GiB'],
    [0, 'gib', '0 GiB', '0 GiB'],
    [1e-9, 'gib', '0.00 KiB', '0 GiB'],
    [96, 'gib', '96.0 GiB', '96 GiB'],
    [83.27, 'mbps', '83.3 Mbit/s', '83.27 Mbit/s'],
    [1500, 'mbps', '1.50 Gbit/s', '1,500 Mbit/s'],
    [41, 'percent', '41.0 %', '41 %'],
    [99.96, 'percent', '100.0 %', '99.96 %'],
    [412.6, 'watts', '413 W', '412.6 W'],
    [0.000_25, 'kwh', '0.25 Wh', '0.00025 kWh'],
    [1234, 'count', '1,234', '1,234'],
    [20, 'cores', '20 cores', '20 cores'],
    [-3.2, 'celsius', '-3.20 °C', '-3.2 °C'],
  ])('%d %s is %s', (value, unit, text, exact) => {
    const { number, unit: name, exact: told } = formatFigure(value, unit);
    expect(`${number} ${name}`.trim()).toBe(text);
    expect(told).toBe(exact);
  });

  it('has a sign where it is a change', () => {
    expect([3.25, -0.4, 0].map(formatChange)).toEqual(['+3.3', '-0.4', '0']);
  });
});

describe('a time', () => {
  it.each([
    [0.4, '0 s'],
    [119, '119 s'],
    [120, '2 min'],
    [3600, '1 h'],
    [3720, '1 h 2 min'],
    [11 * 3600 + 300, '11 h'],
    [25 * 3600, '1 d 1 h'],
    [-5, '0 s'],
  ])('of %d s is %s', (seconds, text) => expect(formatSpan(seconds)).toBe(text));

  it('is told in a zone, with the name that this has at that time', () => {
    const [winter, summer] = [at('2026-11-30T13:05:09Z'), at('2026-07-01T12:00:00Z')];
    expect(formatTime(winter, 'Europe/Berlin')).toBe('30 Nov 2026, 14:05:09');
    expect(zoneOffset('Europe/Berlin', winter)).toBe(3600);
    expect(zoneOffset('Europe/Berlin', summer)).toBe(7200);
    expect(zoneOffset('Asia/Kolkata', winter)).toBe(19_800);
    expect(zoneName('UTC', winter)).toBe('UTC');
  });

  it.each(['Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'UTC'])(
    'of %s is read as it was written, also around a change of the clock',
    (zone) => {
      for (const text of [
        '2026-10-24T23:30',
        '2026-10-25T01:30',
        '2026-10-25T09:00',
        '2026-11-01T12:00',
      ])
        expect(toWallTime(fromWallTime(text, zone), zone)).toBe(text);
    },
  );

  it('is none where the text is none', () => expect(fromWallTime('', 'UTC')).toBeNaN());
});

describe('an axis', () => {
  it('has round values', () => {
    expect(valueTicks(100, 4)).toEqual([0, 25, 50, 75, 100]);
    expect(valueTicks(467, 4)).toEqual([0, 200, 400, 600]);
    expect(valueTicks(0, 4)).toEqual([0, 1]);
  });

  it('has round times of its zone', () => {
    const range = { from: at('2026-11-29T20:00:00Z'), to: at('2026-11-30T08:00:00Z') };
    const labels = (zone: string) => timeTicks(range, zone, 5).map(({ label }) => label);
    expect(labels('UTC')).toEqual(['21:00', '30 Nov', '03:00', '06:00']);
    expect(labels('Asia/Kolkata')).toEqual(['03:00', '06:00', '09:00', '12:00']);
  });
});
