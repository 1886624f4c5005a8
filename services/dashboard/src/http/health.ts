import type { Dapr } from '@bud-monitoring/client/dapr';
import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import { checkStack, type ComponentCheck, type HealthSource } from '@bud-monitoring/service-kit';
import type { Gate } from '../domain/provision/gate.js';
import type { Store } from '../ports.js';

/** Any key will do: what counts is that the store answers. */
const probeKey = 'health';

/** Whether this replica can work, and how its neighbours are. A dead Grafana makes no replica unready. */
export function createHealth(options: {
  dapr: Dapr;
  store: Store;
  grafana: GrafanaClient;
  gate: Gate;
}): HealthSource {
  const { dapr, store, grafana, gate } = options;

  const storeAnswers = () =>
    store.get(probeKey).then(
      () => true,
      () => false,
    );
  const grafanaHealth: ComponentCheck = async (signal) => {
    const { database, version } = await grafana.health(signal);
    const details = { version, database };
    if (database !== 'ok') return { status: 'unhealthy', details };
    if (gate.pausedUntil !== null)
      return {
        status: 'unhealthy',
        details: {
          ...details,
          reason: 'the credentials are not accepted',
          next_try: new Date(gate.pausedUntil).toISOString(),
        },
      };
    const { allowEmbedding } = await grafana.frontendSettings(signal);
    if (allowEmbedding !== false) return { status: 'healthy', details };
    return {
      status: 'degraded',
      details: {
        ...details,
        warning:
          'Grafana forbids frames, so the link does not show inside another page: set allow_embedding = true in its [security] section',
      },
    };
  };

  return {
    ready: async () => {
      const [sidecar, state] = await Promise.all([dapr.healthy(), storeAnswers()]);
      return [...(sidecar ? [] : ['sidecar']), ...(state ? [] : ['state store'])];
    },
    stack: () =>
      checkStack({
        grafana: grafanaHealth,
        statestore: async () => ({
          status: (await storeAnswers()) ? 'healthy' : 'unhealthy',
          details: {},
        }),
        sidecar: async (signal) => ({
          status: (await dapr.healthy(signal)) ? 'healthy' : 'unhealthy',
          details: {},
        }),
      }),
  };
}
