import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { clusterSampleRate, scrapeSeconds } from '../domain/grafana/scrape-interval.js';
import type { Clock, Grafana } from '../ports.js';

/** How long a store that does not answer is left alone: a burst of clusters must not wait for it. */
const pauseMs = 30_000;

/** Asks the store behind a data source about clusters, by Grafana, which has the credentials. */
export function createClusterProbe(options: {
  client: GrafanaClient;
  clock: Clock;
}): Grafana['probeCluster'] {
  const { client, clock } = options;
  let notBefore = 0;
  return async (id, datasourceUid, signal) => {
    if (clock.now() < notBefore) return null;
    try {
      const expressions = { rate: clusterSampleRate(id) };
      const found = await client.queryDatasource(datasourceUid, expressions, signal);
      return { scrapeSeconds: scrapeSeconds(found.get('rate')?.[0]?.value) };
    } catch {
      notBefore = clock.now() + pauseMs;
      return null;
    }
  };
}
