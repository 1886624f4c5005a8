import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOpenMetrics } from './open-metrics.js';

describe('writeOpenMetrics', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'open-metrics-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes one line for each sample there is, and ends the text', async () => {
    const path = join(folder, 'a.om');
    const values = [1.5, undefined, NaN, Infinity, -Infinity, 2e21];
    const times = values.map((_, index) => 1000 + index);
    const samples = await writeOpenMetrics(path, [
      {
        name: 'a',
        labels: { path: 'C:\\x', text: '"q"\nend' },
        times,
        value: (t) => values[t - 1000],
      },
      { name: 'b', labels: {}, times: [1000.5], value: () => 0 },
    ]);
    const start = String.raw`a{path="C:\\x",text="\"q\"\nend"}`;
    expect((await readFile(path, 'utf8')).split('\n')).toEqual([
      `${start} 1.5 1000`,
      `${start} NaN 1002`,
      `${start} +Inf 1003`,
      `${start} -Inf 1004`,
      `${start} 2e+21 1005`,
      'b 0 1000.5',
      '# EOF',
      '',
    ]);
    expect(samples).toBe(6);
  });

  it('stops when told', async () => {
    const times = Array.from({ length: 200_000 }, (_, index) => index);
    const series = { name: 'long', labels: {}, times, value: () => 1 };
    const writing = writeOpenMetrics(join(folder, 'b.om'), [series], AbortSignal.abort());
    await expect(writing).rejects.toThrow('aborted');
  });
});
