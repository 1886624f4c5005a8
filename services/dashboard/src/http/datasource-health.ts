import { UpstreamError } from '@bud-monitoring/client';
import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import type { ComponentCheck } from '@bud-monitoring/service-kit';
import type { Grafana } from '../ports.js';

/** Degraded while the dashboards have nothing to ask: no data source, or none that answers. */
export function createDatasourceHealth(options: {
  grafana: Pick<Grafana, 'ensurePrerequisites'>;
  client: Pick<GrafanaClient, 'queryDatasource'>;
}): ComponentCheck {
  const { grafana, client } = options;
  return async (signal) => {
    const { datasource } = await grafana.ensurePrerequisites(signal);
    if (!datasource.ok) return { status: 'degraded', details: { warning: datasource.problem } };
    const { uid, intervalSeconds } = datasource;
    try {
      await client.queryDatasource(uid, { A: 'vector(1)' }, signal);
      return { status: 'healthy', details: { uid, time_interval_seconds: intervalSeconds } };
    } catch (error) {
      const code = error instanceof UpstreamError ? error.code : null;
      if (code === 'forbidden') return { status: 'unknown', details: { uid } };
      const warning =
        code === 'not_found'
          ? `Grafana has no data source ${uid}, so every panel is empty: set GRAFANA_DATASOURCE_URL, or GRAFANA_DATASOURCE_UID to one that it has`
          : `The data source ${uid} does not answer, so every panel is empty: see it in Grafana, Connections, Data sources. A store whose certificate authority is not known to Grafana needs PROMETHEUS_CA_FILE`;
      return { status: 'degraded', details: { uid, warning } };
    }
  };
}
