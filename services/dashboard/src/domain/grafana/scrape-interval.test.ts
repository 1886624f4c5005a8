import { describe, expect, it } from '@jest/globals';
import type { ClusterId } from '@bud-monitoring/contracts';
import { lintScope } from '@bud-monitoring/promql';
import {
  clusterSampleRate,
  fleetSampleRate,
  rateWindow,
  scrapeSeconds,
  timeIntervalSeconds,
} from './scrape-interval.js';

describe('the scrape interval', () => {
  it.each([
    [5, 15],
    [15, 15],
    [15 * 1.15, 15],
    [20, 30],
    [30, 30],
    [30 * 0.8, 30],
    [60, 60],
    [60 * 1.15, 60],
    [90, 120],
    [120, 120],
    [1_000, 300],
  ])('that looks like %d s is taken for %d s', (seconds, taken) => {
    expect(scrapeSeconds(1 / seconds)).toBe(taken);
  });

  it('is not known without samples', () => {
    expect([scrapeSeconds(undefined), scrapeSeconds(0), scrapeSeconds(NaN)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('is asked for in PromQL', () => {
    const cluster = 'a "b" \\' as ClusterId;
    expect(lintScope(clusterSampleRate(cluster), cluster)).toEqual([]);
    const kinds = lintScope(fleetSampleRate, 'a').map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['selector']));
  });
});

describe('the interval of a data source', () => {
  it.each([
    ['15s', 15],
    ['2m', 120],
    ['30', 30],
    ['>10s', 10],
    ['500ms', 0.5],
    [undefined, 15],
    ['$interval', 15],
  ])('%s is %d s', (text, seconds) => {
    expect(timeIntervalSeconds(text)).toBe(seconds);
  });
});

describe('the window of rates', () => {
  it.each([
    [15, 15, null],
    [15, 30, null],
    [30, 15, '2m'],
    [60, 30, '4m'],
    [120, 15, '8m'],
    [null, 15, '4m'],
    [null, 60, null],
  ])('of a scrape every %s s, where Grafana takes it for %d s, is %s', (own, grafana, window) => {
    expect(rateWindow(own, { intervalSeconds: grafana })).toBe(window);
  });
});
