import { describe, expect, it } from '@jest/globals';
import type { MetricSource } from '../../ports.js';
import { createInstantQueryCache } from './instant-query-cache.js';

const signal = new AbortController().signal;

function setUp({ notes = [] as string[], maxBytes = 100_000 } = {}) {
  const asked: [string, number][] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  const source: MetricSource = {
    queryRange: unused,
    metricNames: unused,
    labelValues: unused,
    retention: () => Promise.resolve(null),
    joinsReplicas: () => Promise.resolve(false),
    clusters: unused,
    samples: unused,
    query: (expr, at) => {
      asked.push([expr, at]);
      return Promise.resolve({ series: [{ metric: { expr }, value: at }], notes });
    },
  };
  const recent = createInstantQueryCache({ source, maxBytes });
  const get = async (expr: string, at: number, maxAge?: number) =>
    (await recent.query(expr, at, signal, maxAge)).series[0]?.value;
  return { asked, get };
}

describe('what was answered a short while ago', () => {
  it('is answered again as long as its age will do', async () => {
    const { asked, get } = setUp();
    expect(await get('a', 1000, 60)).toBe(1000);
    expect(await get('a', 1060, 60)).toBe(1000);
    expect(await get('a', 1010, 5)).toBe(1010);
    expect(await get('a', 1071, 60)).toBe(1071);
    expect(asked).toHaveLength(3);
  });

  it('is not for a moment before it, another expression, or who does not say so', async () => {
    const { get } = setUp();
    await get('a', 1000, 60);
    expect(await get('a', 999, 60)).toBe(999);
    expect(await get('b', 1001, 60)).toBe(1001);
    expect(await get('a', 1001)).toBe(1001);
  });

  it('is not kept with a note, nor beyond the memory allowed', async () => {
    for (const limits of [{ notes: ['partial'] }, { maxBytes: 200 }, { maxBytes: 0 }]) {
      const { get } = setUp(limits);
      await get('a', 1000, 60);
      expect(await get('a', 1001, 60)).toBe(1001);
    }
  });
});
