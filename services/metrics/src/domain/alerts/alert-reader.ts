import type { Alert, AlertList, ClusterId, FleetCluster, Warning } from '@bud-monitoring/contracts';
import type { Clock, Documents } from '../../ports.js';
import { documentKey, type AlertDocuments } from './document.js';
import { readEvaluationStatus, type EvaluationStatus } from './evaluation-status.js';
import { aged } from './evaluation/alert-state.js';
import { toAlert } from './notification/to-alert.js';
import type { AlertTimes } from './record.js';

/** Without an evaluation for this long, alerts are called old (seconds). */
const oldAfter = 300;

/** Alerts of a cluster by severity, and those that are pending. */
type AlertCounts = FleetCluster['alerts'];

/** Reads the alerts that the evaluations found. */
export interface AlertReader {
  list(cluster: ClusterId, signal: AbortSignal): Promise<AlertList>;
  /** Whether the cluster has, or has just had, an alert. */
  knows(cluster: ClusterId, signal: AbortSignal): Promise<boolean>;
  /** Of every cluster that has any, in one request. */
  counts(signal: AbortSignal): Promise<ReadonlyMap<string, AlertCounts>>;
}

/** A reader of the documents in the state store. */
export function createAlertReader(options: {
  documents: Documents;
  alertDocuments: AlertDocuments;
  clock: Clock;
  times: AlertTimes;
}): AlertReader {
  const { documents, alertDocuments, clock, times } = options;
  const recordsOf = async (cluster: ClusterId, signal: AbortSignal) =>
    (await alertDocuments.read(documentKey(cluster), signal))?.document.clusters[cluster] ?? [];
  return {
    async list(cluster, signal) {
      const [records, status] = await Promise.all([
        recordsOf(cluster, signal),
        readEvaluationStatus(documents, signal),
      ]);
      const now = Math.floor(clock.now() / 1000);
      const alerts = records
        .filter((record) => record.state !== 'resolved' || aged(record, now, times) !== null)
        .map(toAlert)
        .sort(byUrgency);
      return {
        cluster_id: cluster,
        evaluated_at: status === null || status.at === 0 ? null : status.at,
        alerts,
        warnings: warningsOf(status, now),
      };
    },
    knows: async (cluster, signal) => (await recordsOf(cluster, signal)).length > 0,
    async counts(signal) {
      const counts = new Map<string, AlertCounts>();
      for (const { document } of (await alertDocuments.readAll(signal)).values()) {
        for (const [cluster, records] of Object.entries(document.clusters)) {
          const own = { pending: 0, warning: 0, critical: 0 };
          for (const { state, severity } of records) {
            if (state === 'pending') own.pending += 1;
            if (state === 'firing') own[severity] += 1;
          }
          counts.set(cluster, own);
        }
      }
      return counts;
    },
  };
}

function warningsOf(status: EvaluationStatus | null, now: number): Warning[] {
  if (status === null || now - status.at > oldAfter) {
    const message = 'The fleet was not evaluated in the last 5 minutes: alerts may be old';
    return [{ code: 'alerts_old', message }];
  }
  return status.failed.map((group) => ({
    code: 'query_failed',
    message: `The store could not answer: ${group}`,
  }));
}

const states = ['firing', 'pending', 'resolved'];
const severities = ['critical', 'warning'];

function byUrgency(a: Alert, b: Alert): number {
  return (
    states.indexOf(a.state) - states.indexOf(b.state) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    b.since - a.since ||
    (a.node < b.node ? -1 : 1)
  );
}
