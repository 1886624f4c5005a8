import { alertMetrics, type AlertThresholds, type ClusterId } from '@bud-monitoring/contracts';
import type { Announcement } from '../../../ports.js';
import type { AlertFigures } from './alert-figures.js';
import { ended, isChange, withoutValue, withValue, aged } from './alert-state.js';
import type { NameOf } from './node-names.js';
import { presentAlert } from '../notification/to-alert.js';
import type { AlertMetric, AlertRecord, AlertTimes } from '../record.js';
import { levelsOf } from '../rules/thresholds.js';

/** What the alerts of one cluster are judged by. */
export interface Case {
  readonly cluster: ClusterId;
  /** Told of by event; nothing of it is measured any more. */
  readonly deleted: boolean;
  readonly previous: readonly AlertRecord[];
  readonly thresholds: AlertThresholds;
}

export interface Judgement {
  readonly records: readonly AlertRecord[];
  readonly announcements: readonly Announcement[];
}

/** The alerts of a cluster at `at` (Unix seconds), and what is to be told of them. */
export function judge(
  { cluster, deleted, previous, thresholds }: Case,
  {
    figures,
    nameOf,
    at,
    times,
  }: { figures: AlertFigures; nameOf: NameOf; at: number; times: AlertTimes },
): Judgement {
  const records: AlertRecord[] = [];
  const announcements: Announcement[] = [];
  const put = (before: AlertRecord | null, after: AlertRecord | null) => {
    if (after === null) return;
    records.push(after);
    if (isChange(before, after)) announcements.push(announce(cluster, before, after, at));
  };
  for (const metric of alertMetrics) {
    const own = previous.filter((record) => record.metric === metric);
    const levels = levelsOf(metric, thresholds);
    const measured = figures.get(metric);
    if (deleted || levels.length === 0) {
      const reason = deleted ? 'cluster_deleted' : 'disabled';
      for (const record of own) put(record, ended(record, reason, at, times));
    } else if (measured === undefined) {
      // Nobody could be asked, which says nothing about the nodes.
      for (const record of own)
        put(record, record.state === 'resolved' ? aged(record, at, times) : record);
    } else {
      const values = measured.get(cluster);
      const bySubject = new Map(own.map((record) => [record.subject, record]));
      for (const record of own)
        if (!values?.has(record.subject)) put(record, withoutValue(record, at, times));
      for (const [subject, value] of values ?? []) {
        const before = bySubject.get(subject) ?? null;
        if (before === null && value < (levels[0]?.threshold ?? Infinity)) continue;
        const named = nameOfNode(before, nameOf, cluster, metric, subject);
        put(before, withValue(before, value, { subject: named, levels, at, times }));
      }
    }
  }
  return { records, announcements };
}

/** Whether the cluster has a node that is about to have an alert, and no name yet. */
export function needsNames(
  { cluster, deleted, previous, thresholds }: Case,
  figures: AlertFigures,
): boolean {
  if (deleted) return false;
  return alertMetrics.some((metric) => {
    const lowest = levelsOf(metric, thresholds)[0]?.threshold ?? Infinity;
    const named = new Set(
      previous.flatMap((record) =>
        record.metric === metric && isNamed(record) ? [record.subject] : [],
      ),
    );
    for (const [subject, value] of figures.get(metric)?.get(cluster) ?? [])
      if (value >= lowest && !named.has(subject)) return true;
    return false;
  });
}

const isNamed = (record: AlertRecord) => record.state !== 'resolved' && record.hostname !== null;

/** A node is called as it was when its alert began: what names it may fall silent with it. */
function nameOfNode(
  before: AlertRecord | null,
  nameOf: NameOf,
  cluster: ClusterId,
  metric: AlertMetric,
  subject: string,
) {
  if (before === null || !isNamed(before)) return nameOf(cluster, metric, subject);
  const { node, hostname } = before;
  return { metric, subject, node, hostname };
}

function announce(
  cluster: ClusterId,
  before: AlertRecord | null,
  after: AlertRecord,
  at: number,
): Announcement {
  const { metric, subject, state, severity } = after;
  return {
    id: [cluster, metric, subject, at, state, severity].join('/'),
    time: at,
    event: {
      ...presentAlert(after),
      cluster_id: cluster,
      previous_state: before?.state ?? null,
    },
  };
}
