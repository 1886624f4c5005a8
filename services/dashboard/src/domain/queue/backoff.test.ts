import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

const wait = (attempts: number, more: Partial<Parameters<typeof backoffMs>[0]> = {}) =>
  backoffMs({ attempts, permanent: false, retryAfterMs: null, random: 1, ...more });

describe('backoffMs', () => {
  it('doubles from a second to five minutes', () => {
    expect([1, 2, 3, 9, 10, 1_000].map((attempts) => wait(attempts))).toEqual([
      1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
    ]);
  });

  it('leaves half to chance', () => {
    expect(wait(3, { random: 0 })).toBe(2_000);
    expect(wait(3, { random: 0.5 })).toBe(3_000);
  });

  it('waits no less than it is asked to', () => {
    expect(wait(1, { retryAfterMs: 60_000 })).toBe(60_000);
    expect(wait(10, { retryAfterMs: 60_000 })).toBe(300_000);
    expect(wait(1, { retryAfterMs: 80 * 365 * 86_400_000 })).toBe(3_600_000);
  });

  it('gives a person half an hour', () => {
    expect(wait(1, { permanent: true })).toBe(1_800_000);
  });
});
