import { alertMetrics, type AlertThresholds, type ClusterId } from '@bud-monitoring/contracts';
import type { OutgoingEvent } from '../../../ports.js';
import { toAlertEvent } from '../notification/alert-event.js';
import type { AlertMetric, AlertRecord, AlertTimes } from '../record.js';
import { levelsOf } from '../rules/thresholds.js';
import type { AlertFigures } from './alert-figures.js';
import { ended, isChange, withoutAnswer, withoutValue, withValue } from './alert-state.js';
import { withFirings } from './firings.js';
import type { NameOf } from './node-names.js';

/** What the rules of one cluster are evaluated with, beside its figures. */
export interface RuleInput {
  readonly cluster: ClusterId;
  /** By a cluster event; it has no figures any more. */
  readonly deleted: boolean;
  readonly previous: readonly AlertRecord[];
  readonly thresholds: AlertThresholds;
}

/** The figures and names of one evaluation of the fleet. */
export interface EvaluationContext {
  readonly figures: AlertFigures;
  /** Whether a part of the store did not answer: what has no figure may have one. */
  readonly isPartial: boolean;
  readonly nameOf: NameOf;
  /** Unix seconds. */
  readonly at: number;
  readonly times: AlertTimes;
}

/** The alerts of a cluster, and the events of those that changed. */
export interface RuleEvaluation {
  readonly records: readonly AlertRecord[];
  readonly events: readonly OutgoingEvent[];
}

/** Evaluates the rules of a cluster. */
export function evaluateRules(
  { cluster, deleted, previous, thresholds }: RuleInput,
  { figures, isPartial, nameOf, at, times }: EvaluationContext,
): RuleEvaluation {
  const records: AlertRecord[] = [];
  const events: OutgoingEvent[] = [];
  const add = (before: AlertRecord | null, after: AlertRecord | null) => {
    if (after === null) return;
    records.push(withFirings(before, after, at));
    if (isChange(before, after)) events.push(toAlertEvent(cluster, before, after, at));
  };
  for (const metric of alertMetrics) {
    const own = previous.filter((record) => record.metric === metric);
    const levels = levelsOf(metric, thresholds);
    const allValues = figures.get(metric);
    if (deleted || levels.length === 0) {
      const reason = deleted ? 'cluster_deleted' : 'disabled';
      for (const record of own) add(record, ended(record, reason, at, times));
    } else if (allValues === undefined) {
      for (const record of own) add(record, withoutAnswer(record, at, times));
    } else {
      const values = allValues.get(cluster);
      const bySubject = new Map(own.map((record) => [record.subject, record]));
      for (const record of own)
        if (!values?.has(record.subject))
          add(record, (isPartial ? withoutAnswer : withoutValue)(record, at, times));
      for (const [subject, value] of values ?? []) {
        const before = bySubject.get(subject) ?? null;
        if (before === null && value < (levels[0]?.threshold ?? Infinity)) continue;
        const named = nameOfNode(before, nameOf, cluster, metric, subject);
        add(before, withValue(before, value, { subject: named, levels, at, times }));
      }
    }
  }
  return { records, events };
}

/** Whether the cluster has a node that is about to have an alert, and no name yet. */
export function needsNames(
  { cluster, deleted, previous, thresholds }: RuleInput,
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

/** A node keeps the name it had when its alert began: the metric that names it may go silent too. */
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
