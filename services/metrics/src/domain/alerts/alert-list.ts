import type { Alert, AlertList, ClusterId, Warning } from '@bud-monitoring/contracts';
import { z } from 'zod';
import type { Clock, Documents } from '../../ports.js';
import { documentKey, readDocument, readDocuments } from './document.js';
import { aged } from './evaluation/alert-state.js';
import { presentAlert } from './notification/to-alert.js';
import type { AlertTimes } from './record.js';

const reportSchema = z.object({
  /** When the fleet was last evaluated, Unix seconds. */
  at: z.number(),
  /** What the store could not answer then. */
  failed: z.array(z.string()),
});
type Report = z.infer<typeof reportSchema>;

const key = 'alert-evaluation';

/** Writes down how a round went; `metrics` is how many it could judge. */
export async function writeReport(
  documents: Documents,
  { at, failed, metrics }: Report & { metrics: number },
  signal: AbortSignal,
): Promise<void> {
  const entry = await documents.get(key, signal);
  const before = entry === null ? null : reportSchema.parse(entry.value);
  // A round that could judge nothing is none.
  const report = { at: metrics > 0 ? at : (before?.at ?? 0), failed };
  await documents.save(key, report, entry === null ? 'absent' : { etag: entry.etag }, signal);
}

/** Without a round for so long, alerts are called old (seconds). */
const oldAfter = 300;

/** Alerts of one severity, and those that are not sure yet. */
export interface AlertCounts {
  pending: number;
  warning: number;
  critical: number;
}

/** Tells what the rounds found. */
export interface AlertReader {
  list(cluster: ClusterId, signal: AbortSignal): Promise<AlertList>;
  /** Whether the cluster has, or has just had, an alert. */
  knows(cluster: ClusterId, signal: AbortSignal): Promise<boolean>;
  /** Of every cluster that has any, in one request. */
  counts(signal: AbortSignal): Promise<ReadonlyMap<string, AlertCounts>>;
}

export function createAlertReader(options: {
  documents: Documents;
  clock: Clock;
  times: AlertTimes;
}): AlertReader {
  const { documents, clock, times } = options;
  const recordsOf = async (cluster: ClusterId, signal: AbortSignal) =>
    (await readDocument(documents, documentKey(cluster), signal)).document.clusters[cluster] ?? [];
  return {
    async list(cluster, signal) {
      const [records, entry] = await Promise.all([
        recordsOf(cluster, signal),
        documents.get(key, signal),
      ]);
      const now = Math.floor(clock.now() / 1000);
      const report = entry === null ? null : reportSchema.parse(entry.value);
      const alerts = records
        .filter((record) => record.state !== 'resolved' || aged(record, now, times) !== null)
        .map(presentAlert)
        .sort(byUrgency);
      return {
        cluster_id: cluster,
        evaluated_at: report === null || report.at === 0 ? null : report.at,
        alerts,
        warnings: warningsOf(report, now),
      };
    },
    knows: async (cluster, signal) => (await recordsOf(cluster, signal)).length > 0,
    async counts(signal) {
      const counts = new Map<string, AlertCounts>();
      for (const { document } of (await readDocuments(documents, signal)).values()) {
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

function warningsOf(report: Report | null, now: number): Warning[] {
  if (report === null || now - report.at > oldAfter) {
    const message = 'The fleet was not evaluated in the last 5 minutes: alerts may be old';
    return [{ code: 'alerts_old', message }];
  }
  return report.failed.map((group) => ({
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
