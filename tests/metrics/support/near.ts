import { expect } from '@jest/globals';

/** Within half a percent, or the rounding to two decimals. */
export function expectNear(actual: number | null | undefined, expected: number, share = 0.005) {
  const within = Math.max(share * Math.abs(expected), 0.0051);
  expect(actual).toEqual(expect.any(Number));
  expect({ actual, off: Math.abs((actual ?? NaN) - expected) <= within, expected }).toEqual({
    ...{ actual, off: true, expected },
  });
}

/** Mbps of bytes that went in a time. */
export function mbps(bytes: number, seconds: number): number {
  return (bytes * 8) / seconds / 1e6;
}

export const gib = 2 ** 30;
export const day = 86_400;
