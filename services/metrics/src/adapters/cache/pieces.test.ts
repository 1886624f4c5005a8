import { describe, expect, it } from '@jest/globals';
import { UpstreamError } from '@bud-monitoring/client';
import { readInPieces } from './pieces.js';

const day = 86_400;
const month = Array.from({ length: 31 }, (_, index) => (20_000 + index) * day);
const timeout = () => new UpstreamError({ upstream: 'prometheus', code: 'timeout' });

/** Reads a month of days from a store that takes so long for a day (ms), and no longer than it may for a piece. */
function setUp({ dayMs, mostMs = 10_000 }: { dayMs: number; mostMs?: number }) {
  let now = 0;
  let running = 0;
  const lengths: number[] = [];
  const days: number[] = [];
  const read = async ({ start, end }: { start: number; end: number }) => {
    const count = (end - start) / day + 1;
    running += 1;
    lengths.push(count);
    const atOnce = running;
    await Promise.resolve();
    running -= 1;
    now += Math.min(mostMs, count * dayMs);
    if (count * dayMs > mostMs) throw timeout();
    for (let time = start; time <= end; time += day) days.push(time / day - 20_000);
    return atOnce;
  };
  return { lengths, days, run: () => readInPieces(month, day, read, () => now) };
}

describe('pieces of a range', () => {
  it('are a week or so long where the store is quick, after a day that tells', async () => {
    const { lengths, days, run } = setUp({ dayMs: 10 });
    const atOnce = await run();
    expect(lengths).toEqual([1, 8, 8, 8, 6]);
    expect(days.toSorted((a, b) => a - b)).toEqual(month.map((_, index) => index));
    expect(days[0]).toBe(30);
    expect(Math.max(...atOnce)).toBe(2);
  });

  it('are as long as it answers in good time', async () => {
    const { lengths, days, run } = setUp({ dayMs: 600 });
    await run();
    expect(Math.max(...lengths)).toBeLessThan(4);
    expect(days).toHaveLength(31);
  });

  it('are read in quarters where they run out of time, and fail where a single one does', async () => {
    let slow = 1;
    const lengths: number[] = [];
    const read = ({ start, end }: { start: number; end: number }) => {
      const count = (end - start) / day + 1;
      lengths.push(count);
      return count > slow ? Promise.reject(timeout()) : Promise.resolve(count);
    };
    const found = await readInPieces(month, day, read, () => 0);
    expect(found).toHaveLength(31);
    expect(lengths.slice(0, 3)).toEqual([1, 8, 8]);
    slow = 0;
    await expect(readInPieces(month, day, read, () => 0)).rejects.toThrow(UpstreamError);
    lengths.length = 0;
    const hours = month.map((_, index) => index * 3600);
    const hang = ({ start, end }: { start: number; end: number }) => {
      lengths.push((end - start) / 3600 + 1);
      return Promise.reject(timeout());
    };
    await expect(readInPieces(hours, 3600, hang, () => 0)).rejects.toThrow(UpstreamError);
    expect(lengths).toEqual([24, 6, 6, 1, 1]);
  });

  it('are of what is missing only, and none are read after a failure', async () => {
    const asked: [number, number][] = [];
    const read = ({ start, end }: { start: number; end: number }) => {
      asked.push([start / day, end / day]);
      return Promise.reject(new Error('away'));
    };
    const times = [1, 2, 5, 6].map((n) => n * day);
    await expect(readInPieces(times, day, read, () => 0)).rejects.toThrow('away');
    expect(asked).toEqual([[6, 6]]);
    expect(await readInPieces([], day, read)).toEqual([]);
    const all: [number, number][] = [];
    await readInPieces(times, day, ({ start, end }) => {
      all.push([start / day, end / day]);
      return Promise.resolve();
    });
    expect(all).toEqual([
      [6, 6],
      [5, 5],
      [1, 2],
    ]);
  });
});
