import { startStack, type Stack } from '@bud-monitoring/stack';
import { loadSeries, type KnownSeries } from '../../../stack/src/fleet/index.js';

/** Samples at one spacing. Times in Unix seconds. */
export interface Batch {
  readonly series: readonly KnownSeries[];
  readonly start: number;
  readonly end: number;
  readonly interval: number;
}

/** Ranges are closed in the one, and open at their left end in the other. */
export const versions = ['system', '3'] as const;

/** A real Prometheus that holds exactly these samples. */
export async function startStore(
  batches: readonly Batch[],
  version: (typeof versions)[number] = 'system',
): Promise<Stack & { readonly url: string }> {
  const stack = await startStack({
    prometheus: {
      version,
      retention: '20y',
      prepare: async ({ dataDirectory, promtool }) => {
        for (const batch of batches) await loadSeries({ ...batch, dataDirectory, promtool });
      },
    },
  });
  if (stack.prometheus === undefined) throw new Error('the stack has no Prometheus');
  return Object.assign(stack, { url: stack.prometheus.url });
}
