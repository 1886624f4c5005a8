import fc from 'fast-check';

import { firstSample } from './fleet.js';

export const arithmetic = fc.constantFrom('+', '-', '*', '/', '%', '^', ' atan2 ');
export const comparison = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
export const setOperation = fc.constantFrom('and', 'or', 'unless', 'AND');

const label = fc.constantFrom('instance', 'job', 'mode', 'namespace', 'cluster');

type Strings = fc.Arbitrary<string>;

/** What holds no selector: numbers, durations, offsets, labels. `modern`: as 3.16 knows them. */
export function literals(
  modern: boolean,
): Record<
  'number' | 'duration' | 'shift' | 'stepSize' | 'matching' | 'grouping' | 'fill',
  Strings
> {
  const oneOf = (old: readonly string[], newer: readonly string[]): Strings =>
    fc.constantFrom(...old, ...(modern ? newer : []));
  const labels = fc
    .tuple(fc.uniqueArray(label, { maxLength: 3 }), fc.constantFrom('', modern ? '"' : ''))
    .map(([list, quote]) => `(${list.map((name) => `${quote}${name}${quote}`).join(', ')})`);
  return {
    number: oneOf(
      ['0', '1', '0.5', '.25', '1e2', '0x1F', '-2', '+3', 'Inf', 'NaN', '40'],
      ['1_000', '5m', '1h30m'],
    ),
    duration: oneOf(
      ['3m', '5m', '90s', '1m30s', '1h'],
      [
        ...['300', '2m * 2', '(1m + 60)', '10m / 2 - 30s', '-(-4m)', '2 ^ 8', '7m % 4m', '+4m'],
        ...['step() + 4m', 'range() + 5m', 'min_of(5m, 10m)', 'max_of(step(), 3m)'],
      ],
    ),
    shift: oneOf(
      [
        ...[' offset 5m', ' OFFSET -5m', ' @ start()', ' @ end()', ' offset 1m @ end()'],
        ...[` @ ${firstSample + 2_000}`, ` @ ${firstSample + 2_000.5} offset 1m`],
      ],
      [
        ...[' offset (2m + 1m)', ' offset -step()', ' offset +min_of(1m, 2m)', ' offset -(-90)'],
        ...[' offset range()', ' offset max_of(1m, step())'],
      ],
    ),
    stepSize: oneOf(['', '1m', '90s'], ['30 * 2', '(45 + 5)']),
    matching: fc.oneof(
      fc.constantFrom('', ' ignoring(mode)', ' on(instance, cluster, mode) '),
      labels.map((list) => ` ignoring${list} `),
      labels.map((list) => ` on${list} `),
    ),
    grouping: fc.oneof(
      fc.constant(''),
      fc.tuple(fc.constantFrom(' by', ' without ', ' BY'), labels).map((parts) => parts.join('')),
    ),
    fill: oneOf(
      [''],
      [
        ...['', ' fill(0) ', ' fill_left(1) ', ' fill_right(-2) '],
        ...[' fill_left(3) fill_right(4) ', ' fill_right(5) fill_left(6) '],
      ],
    ),
  };
}
