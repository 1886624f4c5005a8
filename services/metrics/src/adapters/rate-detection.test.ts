import { describe, expect, it } from '@jest/globals';
import { UpstreamError, type UpstreamErrorCode } from '@bud-monitoring/client';
import type { MetricSource } from '../ports.js';
import { createRateDetection } from './rate-detection.js';

const { signal } = new AbortController();

function setUp(answers: readonly (UpstreamErrorCode | 'known')[]) {
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  const source: MetricSource = {
    queryRange: unused,
    metricNames: unused,
    labelValues: unused,
    retention: () => Promise.resolve(null),
    joinsReplicas: () => Promise.resolve(false),
    clusters: unused,
    samples: unused,
    query: (expr) => {
      const code = answers[asked.push(expr) - 1] ?? 'known';
      if (code === 'known') return Promise.resolve({ series: [], notes: [] });
      return Promise.reject(new UpstreamError({ upstream: 'prometheus', code }));
    },
  };
  return { asked, rates: createRateDetection(source) };
}

describe('what rate() is in a store', () => {
  it.each([
    { code: 'refused', expected: 'extrapolated' },
    { code: 'known', expected: 'between samples' },
  ] as const)('is told by one question: $code', async ({ code, expected }) => {
    const { asked, rates } = setUp([code]);
    expect([await rates(0, signal), await rates(60, signal)]).toEqual([expected, expected]);
    expect(asked).toHaveLength(1);
  });

  it('is asked again where the store could not answer', async () => {
    const { rates } = setUp(['timeout', 'refused']);
    await expect(rates(0, signal)).rejects.toMatchObject({ code: 'timeout' });
    expect(await rates(0, signal)).toBe('extrapolated');
  });
});
