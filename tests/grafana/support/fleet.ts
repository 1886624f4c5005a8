import { startStack, type Stack } from '@bud-monitoring/stack';
import {
  demoFleet,
  evenPlan,
  fleetSeries,
  importSeries,
  loadHistory,
  type Cluster,
  type HistoryPlan,
  type Series,
} from '../../../stack/src/fleet/index.js';

const minute = 60;

/** A cluster of the demo, scraped every so many seconds. */
export type ScrapedCluster = Cluster & { intervalSeconds: number };

/** A fleet in a store that runs. */
export interface ScrapedFleet {
  readonly stack: Stack;
  readonly url: string;
  readonly clusters: readonly ScrapedCluster[];
}

/** A store with a fleet like the demo's for each scrape interval, from 40 minutes ago until in 20. */
export async function startFleet(
  intervals: readonly number[],
  store: 'prometheus' | 'victoria-metrics',
): Promise<ScrapedFleet> {
  const now = Math.floor(Date.now() / 1_000);
  // Until after the test: a sample is seen when its time has come.
  const until = now + 20 * minute;
  const fleets = intervals.map((seconds) => ({
    seconds,
    fleet: demoFleet({ anchor: now, seed: seconds }),
    plan: evenPlan({ now: until, days: (60 * minute) / 86_400, interval: seconds }),
  }));
  const start = {
    async prometheus() {
      const stack = await startStack({
        prometheus: {
          async prepare(paths) {
            for (const { fleet, plan } of fleets)
              await loadHistory({ series: fleetSeries(fleet), plan, ...paths });
          },
        },
      });
      return { stack, url: stack.prometheus?.url ?? '' };
    },
    async 'victoria-metrics'() {
      const stack = await startStack({ victoriaMetrics: true });
      const url = stack.victoriaMetrics?.url ?? '';
      for (const { fleet, plan, seconds } of fleets) {
        const series = fleetSeries(fleet).map((one) => known(one, plan));
        await importSeries(url, { series, start: now, end: until, interval: seconds });
      }
      return { stack, url };
    },
  };
  return {
    ...(await start[store]()),
    clusters: fleets.flatMap(({ seconds, fleet }) =>
      fleet.clusters.map((cluster) => ({ ...cluster, intervalSeconds: seconds })),
    ),
  };
}

/** A series of a fleet with the samples of a plan. */
function known({ name, labels, tier, interval, value }: Series, plan: HistoryPlan) {
  const times = plan.slices.flatMap((slice) => plan.times(tier, slice, interval));
  return { name, labels, times, values: (_elapsed: number, t: number) => value(t) };
}
