import type { Dapr } from '@bud-monitoring/client/dapr';
import type { GrafanaClient } from '@bud-monitoring/client/grafana';
import {
  runComponentChecks,
  type ComponentCheck,
  type HealthSource,
} from '@bud-monitoring/service-kit';
import type { CredentialsPause } from '../domain/grafana/credentials-pause.js';
import type { ResyncLoop } from '../domain/resync/resync-loop.js';
import type { StatusCounts } from '../domain/resync/status-counts.js';
import type { Clock, Store } from '../ports.js';

/** Any key: what counts is that the store takes it. */
const probeKey = 'health';

/** Ticks that may be missed before the status is degraded. */
const missedTicks = 3;

/** The health of this replica and its dependencies. A Grafana that is down makes no replica unready. */
export function createHealth(options: {
  dapr: Dapr;
  store: Store;
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
  const { dapr, store, grafana, credentialsPause, resyncLoop, clock, tickIntervalMs } = options;

  /** What the state store lacks; null where it answers and takes writes, as a full Redis does not. */
  async function storeProblem(): Promise<string | null> {
    const saved = await store.save(probeKey, { at: clock.now() }, 'any').catch(() => false);
    if (saved) return null;
    const answers = await store.get(probeKey).then(
      () => true,
      () => false,
    );
    return answers ? 'refuses writes: is Redis full, read-only or without replicas?' : 'no answer';
  }
  const probeStore = remembered(storeProblem, clock);

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
    ready: async () => {
      const [sidecar, problem] = await Promise.all([dapr.healthy(), probeStore()]);
      return [
        ...(sidecar ? [] : ['sidecar']),
        ...(problem === null ? [] : [`state store (${problem})`]),
      ];
    },
    stack: () =>
      runComponentChecks({
        grafana: grafanaHealth,
        datasource: options.datasource,
        reconcile: resyncHealth,
        records: recordsHealth,
        deletions: options.deletions,
        statestore: async () => {
          const reason = await probeStore();
          return reason === null
            ? { status: 'healthy', details: {} }
            : { status: 'unhealthy', details: { reason } };
        },
        sidecar: async (signal) => ({
          status: (await dapr.healthy(signal)) ? 'healthy' : 'unhealthy',
          details: {},
        }),
      }),
  };
}

/** Milliseconds for which the outcome of a probe stands: probes of health must not become load. */
const probeMs = 2_000;

/** Runs `probe` at most once within `probeMs`; callers in between share the outcome. */
function remembered<T>(probe: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: { at: number; outcome: Promise<T> } | null = null;
  return () => {
    if (last === null || clock.now() - last.at >= probeMs)
      last = { at: clock.now(), outcome: probe() };
    return last.outcome;
  };
}
