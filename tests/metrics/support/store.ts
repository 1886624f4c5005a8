import { startStack } from '@bud-monitoring/stack';
import { startThanosCluster } from '../../support/thanos-cluster.js';
import { importSeries, loadSeries, type KnownSeries } from '../../../stack/src/fleet/index.js';

/** Samples at one spacing. Times in Unix seconds. */
export interface Batch {
  readonly series: readonly KnownSeries[];
  readonly start: number;
  readonly end: number;
  readonly interval: number;
}

/** Ranges are closed in the one Prometheus, and open at their left end in the other. */
export const versions = ['system', '3'] as const;

export type StoreName = (typeof versions)[number] | 'victoria-metrics' | 'thanos';

/**
 * VictoriaMetrics too: a rate reaches to the sample before the range, and nothing is extrapolated. Thanos instead
 * of them all where it was opted in (`npm run test:thanos`).
 */
export const stores: readonly StoreName[] = process.env['OPT_IN']?.split(',').includes('thanos')
  ? ['thanos']
  : [...versions, 'victoria-metrics'];

export interface Store extends AsyncDisposable {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real store that holds exactly these samples. */
export async function startStore(
  batches: readonly Batch[],
  version: StoreName = 'system',
): Promise<Store> {
  if (version === 'thanos') return startThanos(batches);
  if (version === 'victoria-metrics') return startVictoriaMetrics(batches);
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

async function startVictoriaMetrics(batches: readonly Batch[]) {
  const stack = await startStack({ victoriaMetrics: true });
  if (stack.victoriaMetrics === undefined) throw new Error('the stack has no VictoriaMetrics');
  const { url } = stack.victoriaMetrics;
  for (const batch of batches) await importSeries(url, batch);
  return Object.assign(stack, { url });
}

/** Its receivers hold blocks, as they do of what is older than some hours. */
const startThanos = (batches: readonly Batch[]): Promise<Store> =>
  startThanosCluster({
    prepare: async (paths) => {
      for (const batch of batches) await loadSeries({ ...batch, ...paths });
    },
  });
