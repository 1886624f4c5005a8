import type { Dapr } from '@bud-monitoring/client/dapr';
import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import {
  missingOfReplica,
  runComponentChecks,
  type ComponentCheck,
  type HealthSource,
  type StateStoreProbe,
} from '@bud-monitoring/service-kit';
import type { CredentialsPause } from '../domain/grafana/credentials-pause.js';
import type { ResyncLoop } from '../domain/resync/resync-loop.js';
import type { StatusCounts } from '../domain/resync/status-counts.js';
import type { Clock } from '../ports.js';

/** Ticks that may be missed before the status is degraded. */
const missedTicks = 3;

/** The health of this replica and its dependencies. A Grafana that is down makes no replica unready. */
export function createHealth(options: {
  dapr: Dapr;
  sidecar: ComponentCheck;
  stateStore: StateStoreProbe;
  grafana: GrafanaClient;
  credentialsPause: CredentialsPause;
  resyncLoop: ResyncLoop;
  deletions: ComponentCheck;
  datasource: ComponentCheck;
  /** As this replica last counted them; null before that. */
  statusCounts: () => StatusCounts | null;
  clock: Clock;
  /** The longest interval of the cron binding. */
  tickIntervalMs: number;
}): HealthSource {
  const { dapr, stateStore, grafana, credentialsPause, resyncLoop, clock, tickIntervalMs } =
    options;

  const grafanaHealth: ComponentCheck = async (signal) => {
    const { database, version } = await grafana.health(signal);
    const details = { version, database };
    if (database !== 'ok') return { status: 'unhealthy', details };
    if (credentialsPause.pausedUntil !== null)
      return {
        status: 'unhealthy',
        details: {
          ...details,
          reason: 'the credentials are not accepted',
          next_try: new Date(credentialsPause.pausedUntil).toISOString(),
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

  const resyncHealth: ComponentCheck = () => {
    const at = resyncLoop.lastTickAt;
    const details = { last_tick: at === null ? null : new Date(at).toISOString() };
    if (at !== null && clock.now() - at <= missedTicks * tickIntervalMs)
      return Promise.resolve({ status: 'healthy', details });
    const warning =
      'No tick of the cron binding: deploy components/reconcile-dashboards.yaml to the sidecar';
    return Promise.resolve({ status: 'degraded', details: { ...details, warning } });
  };
  const recordsHealth: ComponentCheck = () => {
    const unreadable = options.statusCounts()?.unreadable ?? 0;
    if (unreadable === 0) return Promise.resolve({ status: 'healthy', details: { unreadable } });
    const warning =
      'Stored records that this version cannot read: see GET /dashboards; their clusters are left alone, all others are served';
    return Promise.resolve({ status: 'degraded', details: { unreadable, warning } });
  };

  return {
    ready: () => missingOfReplica({ dapr, stateStore }),
    stack: () =>
      runComponentChecks({
        grafana: grafanaHealth,
        datasource: options.datasource,
        reconcile: resyncHealth,
        records: recordsHealth,
        deletions: options.deletions,
        statestore: stateStore.check,
        sidecar: options.sidecar,
      }),
  };
}
