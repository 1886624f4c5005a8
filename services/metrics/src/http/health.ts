import type { Dapr } from '@bud-monitoring/client/dapr';
import type { PrometheusClient } from '@bud-monitoring/client/prometheus';
import {
  missingOfReplica,
  runComponentChecks,
  type ComponentCheck,
  type HealthSource,
  type StateStoreProbe,
} from '@bud-monitoring/service-kit';
import { readClusterTimes, warningsOfTimes } from '../domain/fleet/listing/cluster-times.js';
import { isFault, warningsOfStore } from '../domain/fleet/listing/first-contact.js';
import { readFirstContact } from '../domain/fleet/listing/read-first-contact.js';
import { fleetScope, type ScopeSettings } from '../domain/promql/scope.js';
import type { UnreadableValues } from '../domain/unreadable.js';
import type { Clock, MetricSource, NodeDirectory } from '../ports.js';
import { createBudClusterCheck } from './bud-cluster-health.js';

/** Age of the newest sample above which collection counts as stopped, seconds. */
const maxSampleAge = 300;

/** Readiness of this replica, and health of what it depends on. A store that is down makes no replica unready. */
export function createHealth(options: {
  dapr: Dapr;
  sidecar: ComponentCheck;
  stateStore: StateStoreProbe;
  unreadable: Pick<UnreadableValues, 'count'>;
  prometheus: PrometheusClient;
  source: MetricSource;
  settings: ScopeSettings;
  directory: NodeDirectory;
  /** Version of Grafana; `null` where no Grafana is configured. */
  grafana: ((signal: AbortSignal) => Promise<string | null>) | null;
  clock: Clock;
}): HealthSource {
  const { dapr, stateStore, unreadable, prometheus, source, settings, directory, grafana, clock } =
    options;

  const store: ComponentCheck = async (signal) => {
    const end = Math.floor(clock.now() / 1000);
    const scopes = [fleetScope(settings)];
    const [names, facts, times] = await Promise.all([
      prometheus.labelValues('__name__', { start: end - 3600, end, signal }),
      readFirstContact(source, { at: end, signal }),
      readClusterTimes(source, { scopes, at: end, signal }),
    ]);
    const warnings = [...warningsOfStore(facts), ...warningsOfTimes([times])];
    const hints = warnings.map(({ message }) => message);
    return {
      status: warnings.some(isFault) ? 'degraded' : 'healthy',
      details: { metrics_count: names.values.length, ...(hints.length > 0 && { hints }) },
    };
  };
  const collection: ComponentCheck = async (signal) => {
    const time = Math.floor(clock.now() / 1000);
    const valueOf = async (expr: string) =>
      (await prometheus.query(expr, { time, signal })).series[0]?.value ?? null;
    const [targets, up, newest] = await Promise.all([
      valueOf('count(up)'),
      valueOf('count(up == 1)'),
      valueOf('max(timestamp(up))'),
    ]);
    if (targets === null || newest === null) {
      return { status: 'unknown', details: { reason: 'the store has no series named up' } };
    }
    const age = Math.max(0, Math.round(time - newest));
    const details = {
      targets_up_ratio: (up ?? 0) / targets,
      newest_sample_age_seconds: age,
    };
    if (age > maxSampleAge) return { status: 'unhealthy', details };
    return { status: up === targets ? 'healthy' : 'degraded', details };
  };
  const budCluster = createBudClusterCheck(directory);
  const grafanaHealth: ComponentCheck = async (signal) =>
    grafana === null
      ? { status: 'unknown', details: { reason: 'GRAFANA_URL is not set here' } }
      : { status: 'healthy', details: { version: await grafana(signal) } };

  const records: ComponentCheck = () => {
    const { count } = unreadable;
    if (count === 0) return Promise.resolve({ status: 'healthy', details: { unreadable: 0 } });
    const warning =
      'Stored values that this version cannot read, see the log: their clusters go without them, all others are served';
    return Promise.resolve({ status: 'degraded', details: { unreadable: count, warning } });
  };

  return {
    ready: () => missingOfReplica({ dapr, stateStore }),
    stack: () =>
      runComponentChecks({
        prometheus: store,
        grafana: grafanaHealth,
        metrics_collection: collection,
        'bud-cluster': budCluster,
        statestore: stateStore.check,
        records,
        sidecar: options.sidecar,
      }),
  };
}
