import { createHash } from 'node:crypto';
import type {
  AlertFilter,
  AlertList,
  ClusterId,
  FleetCluster,
  ListedAlert,
  Warning,
} from '@bud-monitoring/contracts';
import type { Clock, ClusterRegistry, Documents } from '../../ports.js';
import type { ClusterName } from '../clusters/cluster-name.js';
import { documentKey, type AlertDocuments } from './document.js';
import {
  readShardStatus,
  statusOf,
  statusOfAll,
  type EvaluationStatus,
} from './evaluation-status.js';
import { aged } from './evaluation/alert-state.js';
import { toAlert } from './notification/to-alert.js';
import type { AlertRecord, AlertTimes } from './record.js';

/** Without an evaluation for this long, alerts are called old (seconds). */
const oldAfter = 300;

/** Alerts of a cluster by severity, and those that are pending. */
type AlertCounts = FleetCluster['alerts'];

/** Reads the alerts that the evaluations found. */
export interface AlertReader {
  list(cluster: ClusterId, signal: AbortSignal): Promise<AlertList>;
  /** Those of all clusters that `maySee` lets through, the most urgent first, in a fixed number of requests. */
  listAll(
    filter: AlertFilter,
    maySee: (cluster: ClusterId) => boolean,
    signal: AbortSignal,
  ): Promise<Omit<AlertList, 'cluster_id'>>;
  /** Whether the cluster has, or has just had, an alert. */
  knows(cluster: ClusterId, signal: AbortSignal): Promise<boolean>;
  /** Of every cluster that has any, in one request. */
  counts(signal: AbortSignal): Promise<ReadonlyMap<string, AlertCounts>>;
}

/** A reader of the documents in the state store. */
export function createAlertReader(options: {
  documents: Documents;
  alertDocuments: AlertDocuments;
  registry: Pick<ClusterRegistry, 'list'>;
  clusterName: ClusterName;
  clock: Clock;
  times: AlertTimes;
}): AlertReader {
  const { documents, alertDocuments, registry, clusterName, clock, times } = options;
  const recordsOf = async (cluster: ClusterId, signal: AbortSignal) =>
    (await alertDocuments.read(documentKey(cluster), signal))?.document.clusters[cluster] ?? [];
  const seconds = () => Math.floor(clock.now() / 1000);
  const isListed = (record: AlertRecord, now: number) =>
    record.state !== 'resolved' || aged(record, now, times) !== null;
  const told = (status: EvaluationStatus, now: number) => ({
    evaluated_at: status.at === 0 ? null : status.at,
    warnings: warningsOf(status, now),
  });
  return {
    async list(cluster, signal) {
      const [records, shards, name] = await Promise.all([
        recordsOf(cluster, signal),
        readShardStatus(documents, signal),
        clusterName(cluster, signal),
      ]);
      const now = seconds();
      const alerts = records
        .filter((record) => isListed(record, now))
        .map((record) => toListed(record, cluster, name))
        .sort(byUrgency);
      return { cluster_id: cluster, alerts, ...told(statusOf(shards, cluster), now) };
    },
    async listAll(filter, maySee, signal) {
      const [stored, shards, known] = await Promise.all([
        alertDocuments.readAll(signal),
        readShardStatus(documents, signal),
        registry.list(signal),
      ]);
      const names = new Map(known.map(({ clusterId, name }) => [clusterId, name]));
      const now = seconds();
      const alerts: ListedAlert[] = [];
      for (const { document } of stored.values()) {
        for (const [id, records] of Object.entries(document.clusters)) {
          const cluster = id as ClusterId; // a key that was written by one
          if (!maySee(cluster) || !includes(filter.cluster_id, cluster)) continue;
          for (const record of records) {
            if (!isListed(record, now) || !matches(record, filter)) continue;
            alerts.push(toListed(record, cluster, names.get(cluster) ?? cluster));
          }
        }
      }
      return { alerts: alerts.sort(byUrgency), ...told(statusOfAll(shards), now) };
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

function warningsOf(status: EvaluationStatus, now: number): Warning[] {
  if (now - status.at > oldAfter) {
    const message = 'The fleet was not evaluated in the last 5 minutes: alerts may be old';
    return [{ code: 'alerts_old', message }];
  }
  return status.failed.map((group) => ({
    code: 'query_failed',
    message: `The store could not answer: ${group}`,
  }));
}

function toListed(record: AlertRecord, cluster: ClusterId, name: string): ListedAlert {
  const key = [cluster, record.metric, record.subject].join('/');
  const id = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return { id, cluster_id: cluster, cluster_name: name, ...toAlert(record) };
}

const includes = <T>(asked: readonly T[] | undefined, value: T) =>
  asked === undefined || asked.includes(value);

function matches({ state, severity, metric }: AlertRecord, filter: AlertFilter): boolean {
  return (
    includes(filter.state, state) &&
    includes(filter.severity, severity) &&
    includes(filter.metric, metric)
  );
}

const states = ['firing', 'pending', 'resolved'];
const severities = ['critical', 'warning'];

function byUrgency(a: ListedAlert, b: ListedAlert): number {
  return (
    states.indexOf(a.state) - states.indexOf(b.state) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    b.since - a.since ||
    (a.id < b.id ? -1 : 1)
  );
}
