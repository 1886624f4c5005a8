import { open } from 'node:fs/promises';
import { seriesText, valueText } from '../exposition.js';
import type { Labels } from '../types.js';

/** A series to write: its identity and the times (Unix seconds, ascending) at which to ask for it. */
export interface WrittenSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly times: readonly number[];
  readonly value: (t: number) => number | undefined;
}

const CHUNK = 1 << 20;

/**
 * Writes series as OpenMetrics text, one series after the other, and tells how many samples it
 * wrote. Lines are joined as text and handed over a megabyte at a time: no object for a sample.
 */
export async function writeOpenMetrics(
  path: string,
  series: Iterable<WrittenSeries>,
  signal?: AbortSignal,
): Promise<number> {
  const file = await open(path, 'w');
  const stamps = new WeakMap<readonly number[], string[]>();
  let samples = 0;
  let text = '';
  try {
    for (const { name, labels, times, value: valueAt } of series) {
      const ends = stamps.get(times) ?? times.map((t) => ` ${t}\n`);
      stamps.set(times, ends);
      const start = `${seriesText(name, labels)} `;
      for (let index = 0; index < ends.length; index += 1) {
        const value = valueAt(times[index] ?? NaN);
        if (value === undefined) continue;
        samples += 1;
        text += start + valueText(value) + (ends[index] ?? '');
      }
      if (text.length >= CHUNK) {
        signal?.throwIfAborted();
        await file.write(text);
        text = '';
      }
    }
    await file.write(`${text}# EOF\n`);
  } finally {
    await file.close();
  }
  return samples;
}
