import type { OutrankedLabels } from '@bud-monitoring/cluster-events';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CircuitBreakerState } from '@bud-monitoring/client';
import type { DeadLetterTotals } from './domain/events/dead-letter-store.js';
import type { StatusCounts } from './domain/resync/status-counts.js';
import type { Meter } from './ports.js';

const prefix = 'bud_dashboard';

/** The domain's meter, and what is counted outside of the domain. */
export interface Telemetry extends Meter {
  statusCounts(counts: StatusCounts): void;
  deadLetters: (totals: DeadLetterTotals) => void;
  outranked(labels: OutrankedLabels): void;
  policyState(state: CircuitBreakerState): void;
}

/** The service's own metrics; `clusterNames` adds one of each cluster, for the overview of the fleet. */
export function createTelemetry(registry: Registry, { clusterNames = false } = {}): Telemetry {
  const registers = [registry];
  const clusters = new Gauge({
    name: `${prefix}_clusters`,
    help: 'Clusters by where their dashboards stand, as last counted by this replica.',
    labelNames: ['status'],
    registers,
  });
  const countedAt = new Gauge({
    name: `${prefix}_counted_timestamp_seconds`,
    help: 'When this replica last counted the clusters; of several replicas the newest is right.',
    registers,
  });
  const drifted = new Gauge({
    name: `${prefix}_drifted_clusters`,
    help: 'Clusters with a dashboard that somebody changed and that the policy leaves.',
    registers,
  });
  const latency = new Histogram({
    name: `${prefix}_provision_seconds`,
    help: 'From the event or request to the dashboards in Grafana.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
    registers,
  });
  const writes = new Counter({
    name: `${prefix}_grafana_writes_total`,
    help: 'Changes made in Grafana.',
    labelNames: ['kind'],
    registers,
  });
  const drift = new Counter({
    name: `${prefix}_drift_total`,
    help: 'Dashboards found changed by somebody else.',
    registers,
  });
  const failures = new Counter({
    name: `${prefix}_failures_total`,
    help: 'Tries that failed, by reason.',
    labelNames: ['code'],
    registers,
  });
  const received = new Counter({
    name: `${prefix}_dead_letters_total`,
    help: 'Events that were not taken and are kept.',
    registers,
  });
  const kept = new Gauge({
    name: `${prefix}_dead_letters`,
    help: 'Dead letters kept at present, as last counted by this replica.',
    registers,
  });
  const outranked = new Counter({
    name: `${prefix}_outranked_events_total`,
    help: 'Events without effect, since one that ranks later came first; a tie is one of the same second.',
    labelNames: ['kind', 'reason'],
    registers,
  });
  const keptBytes = new Gauge({
    name: `${prefix}_dead_letters_bytes`,
    help: 'Bytes of the dead letters kept at present, as last counted by this replica.',
    registers,
  });
  const dropped = new Counter({
    name: `${prefix}_dead_letters_dropped_total`,
    help: 'Oldest dead letters dropped by this replica, since there were too many.',
    registers,
  });
  const orphans = new Gauge({
    name: `${prefix}_orphaned_clusters`,
    help: 'Clusters that are not known and have dashboards of ours, as last found by this replica.',
    registers,
  });
  const circuit = new Gauge({
    name: `${prefix}_grafana_circuit_open`,
    help: '1 while Grafana is not asked, since it failed several times in a row.',
    registers,
  });
  return {
    provisioned: (seconds) => latency.observe(seconds),
    grafanaWrite: (kind) => writes.inc({ kind }),
    drift: () => drift.inc(),
    failure: (code) => failures.inc({ code }),
    clusterName: clusterNames ? nameGauge(registry) : () => undefined,
    statusCounts({ drifted: count, ...statuses }) {
      countedAt.setToCurrentTime();
      drifted.set(count);
      for (const [status, number] of Object.entries(statuses)) clusters.set({ status }, number);
    },
    orphans: (count) => orphans.set(count),
    deadLetter: () => received.inc(),
    deadLettersDropped: (count) => dropped.inc(count),
    deadLetters({ count, bytes }) {
      kept.set(count);
      keptBytes.set(bytes);
    },
    outranked: (labels) => outranked.inc({ ...labels }),
    policyState: (state) => circuit.set(state === 'closed' ? 0 : 1),
  };
}

/** Each cluster under its last name only. Of replicas that know several names the one given last is right. */
function nameGauge(registry: Registry): Meter['clusterName'] {
  const gauge = new Gauge({
    name: `${prefix}_cluster_name_timestamp_seconds`,
    help: 'When a cluster was given its name, as events tell.',
    labelNames: ['cluster_id', 'name'],
    registers: [registry],
  });
  const known = new Map<string, string>();
  return (id, name) => {
    const last = known.get(id);
    if (last !== undefined && last !== name?.value) gauge.remove({ cluster_id: id, name: last });
    if (name === null) {
      known.delete(id);
      return;
    }
    known.set(id, name.value);
    gauge.set({ cluster_id: id, name: name.value }, name.time / 1000);
  };
}
