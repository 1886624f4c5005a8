import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createBlocks } from './create-blocks.js';
import type { HistoryPlan, Slice } from './history-plan.js';
import { writeOpenMetrics } from './open-metrics.js';
import type { WrittenSeries } from './open-metrics.js';
import type { Series } from '../types.js';

/** Loads at once. */
const WORKERS = 2;

export interface LoadHistoryOptions {
  series: readonly Series[];
  plan: HistoryPlan;
  /** Prometheus' data directory; made if it is not there. Prometheus must not run on it yet. */
  dataDirectory: string;
  /** Path of the promtool program. */
  promtool: string;
  /** For intermediate files, half a gigabyte at a time; emptied again. */
  scratchDirectory: string;
  onProgress?: (progress: HistoryProgress) => void;
  signal?: AbortSignal;
}

export interface HistoryProgress {
  readonly slices: number;
  readonly slicesDone: number;
  readonly samples: number;
}

/**
 * Writes each slice as OpenMetrics text and has promtool make blocks of it, two at a time. Slices
 * end where blocks end, because promtool reads a whole file again for every block.
 */
export async function loadHistory(options: LoadHistoryOptions): Promise<HistoryProgress> {
  const { series, plan, dataDirectory, promtool, onProgress } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const waiting = [...plan.slices.entries()];
  const progress = { slices: waiting.length, slicesDone: 0, samples: 0 };
  await mkdir(dataDirectory, { recursive: true });
  const scratch = await mkdtemp(join(options.scratchDirectory, 'history-'));

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, slice] = next;
      const file = join(scratch, `${index}.om`);
      const samples = await writeOpenMetrics(file, sliced(series, plan, slice), signal);
      if (samples > 0) {
        const { blockHours } = slice;
        await createBlocks({ promtool, file, dataDirectory, scratch, blockHours, signal });
      }
      await rm(file);
      progress.slicesDone += 1;
      progress.samples += samples;
      onProgress?.({ ...progress });
    }
  }

  const workers = Array.from({ length: WORKERS }, () =>
    work().catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  try {
    await Promise.all(workers);
  } finally {
    await Promise.allSettled(workers);
    await rm(scratch, { recursive: true, force: true });
  }
  return progress;
}

function* sliced(
  series: readonly Series[],
  plan: HistoryPlan,
  slice: Slice,
): Generator<WrittenSeries> {
  const known = new Map<string, number[]>();
  for (const { tier, interval, ...of } of series) {
    const key = `${tier} ${interval ?? ''}`;
    const times = known.get(key) ?? plan.times(tier, slice, interval);
    known.set(key, times);
    if (times.length > 0) yield { ...of, times };
  }
}
