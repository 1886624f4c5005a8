import { describe, expect, it } from '@jest/globals';
import { change, figure, percentBar, sparkline, usedOfTotal } from './figures.js';
import { createTerminalStyle } from './terminal-style.js';

const plain = createTerminalStyle(false);

describe('figures for a person', () => {
  it.each([
    [figure(null, 'W'), '–'],
    [figure(undefined, 'W'), '–'],
    [figure(0, 'W'), '0 W'],
    [figure(12.345, 'Mbps', 2), '12.35 Mbps'],
    [figure(3, ''), '3'],
    [usedOfTotal(null, 128, 'GiB'), '–'],
    [usedOfTotal(3, 4), '3 of 4'],
    [usedOfTotal(1.25, 64, 'GiB'), '1.3 of 64 GiB'],
    [usedOfTotal(3, null), '3 of –'],
    [change(null, '%'), '–'],
    [change(3.21, 'pp'), '+3.2 pp'],
    [change(-0.5, '%'), '−0.5 %'],
    [change(-0.04, '%'), '±0.0 %'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected);
  });

  it.each([
    [0, '░░░░░░░░   0 %'],
    [50, '████░░░░  50 %'],
    [100, '████████ 100 %'],
    [130, '████████ 130 %'],
    [null, '           –'],
  ])('draws a share of %s', (percent, expected) => {
    expect(percentBar(percent, plain)).toBe(expected);
  });

  it('sets shares off from 70 and 90 percent on', () => {
    const marked = {
      ...plain,
      warning: (text: string) => `?${text}`,
      error: (text: string) => `!${text}`,
    };

    const drawn = [69.9, 70, 90].map((percent) => percentBar(percent, marked).slice(8));

    expect(drawn).toEqual(['  70 %', ' ? 70 %', ' ! 90 %']);
  });

  it.each([
    [[0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
    [[10, null, 20], '▁ █'],
    [[5, 5], '▄▄'],
    [[null, null], '  '],
    [[], ''],
  ])('draws %j as a line', (values, expected) => {
    expect(sparkline(values)).toBe(expected);
  });
});
