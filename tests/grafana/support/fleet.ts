import { startStack, type Stack } from '@bud-monitoring/stack';
import {
  demoFleet,
  evenPlan,
  fleetSeries,
  loadHistory,
  type Cluster,
} from '../../../stack/src/fleet/index.js';

const minute = 60;

/** A cluster of the demo, scraped every so many seconds. */
export type ScrapedCluster = Cluster & { intervalSeconds: number };

/** A Prometheus with a fleet like the demo's for each scrape interval, from 40 minutes ago until in 20. */
export async function startFleet(
  intervals: readonly number[],
  { version = 'system' }: { version?: 'system' | '3' } = {},
): Promise<{ stack: Stack; url: string; clusters: ScrapedCluster[] }> {
  const now = Math.floor(Date.now() / 1_000);
  const fleets = intervals.map((seconds) => ({
    seconds,
    fleet: demoFleet({ anchor: now, seed: seconds }),
  }));
  const stack = await startStack({
    prometheus: {
      version,
      async prepare(paths) {
        // Until after the test: a sample is seen when its time has come.
        const until = now + 20 * minute;
        for (const { seconds: interval, fleet } of fleets) {
          const plan = evenPlan({ now: until, days: (60 * minute) / 86_400, interval });
          await loadHistory({ series: fleetSeries(fleet), plan, ...paths });
        }
      },
    },
  });
  return {
    stack,
    url: stack.prometheus?.url ?? '',
    clusters: fleets.flatMap(({ seconds, fleet }) =>
      fleet.clusters.map((cluster) => ({ ...cluster, intervalSeconds: seconds })),
    ),
  };
}
