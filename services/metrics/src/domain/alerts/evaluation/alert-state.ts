import type { AlertMetric, AlertReason, AlertRecord, AlertTimes, Level } from '../record.js';

/** Identifies an alert among those of a cluster. */
export interface Subject {
  readonly metric: AlertMetric;
  readonly subject: string;
  readonly node: string;
  readonly hostname: string | null;
}

/**
 * The alert after a value at `at` (Unix seconds), `null` where there is none. It is pending from the
 * first value at or above a threshold, fires once the level was held for `hold`, and then stays
 * until the value is down to where the level clears. Each level is held for itself: what fires as a
 * warning becomes critical after it was critical for `hold`, and a warning again when that clears.
 */
export function withValue(
  previous: AlertRecord | null,
  value: number,
  {
    subject,
    levels,
    at,
    times,
  }: { subject: Subject; levels: readonly Level[]; at: number; times: AlertTimes },
): AlertRecord | null {
  const active = previous === null || previous.state === 'resolved' ? null : previous;
  const firing = active?.state === 'firing' ? active : null;
  const rank = levels.findIndex(({ severity }) => severity === firing?.severity);
  // A changed threshold counts at once, not only when the old alert has cleared.
  const sameThreshold = levels[rank]?.threshold === firing?.threshold;
  const held = { ...noLevel };
  const due: Level[] = [];
  levels.forEach((level, index) => {
    const fires = firing !== null && index <= rank;
    const stays = fires && sameThreshold && value > level.clear;
    if (value < level.threshold && !stays) return;
    const since = active?.held[level.severity] ?? at;
    held[level.severity] = since;
    if (fires || at - since >= times.hold) due.push(level);
  });
  const reached = levels.filter(({ severity }) => held[severity] !== null);
  // The one that will fire first; of those that began together, the highest.
  const first = Math.min(...reached.map(({ severity }) => held[severity] ?? at));
  const level = due.at(-1) ?? reached.findLast(({ severity }) => held[severity] === first);
  if (level === undefined) {
    return active === null
      ? aged(previous, at, times)
      : resolved({ ...active, value }, 'recovered', at);
  }
  const state = due.length > 0 ? 'firing' : 'pending';
  return {
    ...subject,
    state,
    severity: level.severity,
    threshold: level.threshold,
    since: active?.state === state ? active.since : at,
    value,
    held,
    seenAt: at,
    reason: null,
  };
}

/** Most of the time between two evaluations that counts as silence, seconds: a pause of ours is none of the node's. */
const mostSilence = 300;

/** The alert while there is no value: it stays as it is, but not for ever. */
export function withoutValue(
  previous: AlertRecord,
  at: number,
  times: AlertTimes,
): AlertRecord | null {
  if (previous.state === 'resolved') return aged(previous, at, times);
  const since = Math.min(mostSilence, at - (previous.checkedAt ?? previous.seenAt));
  const silentFor = (previous.silentFor ?? 0) + Math.max(0, since);
  return silentFor < times.noData
    ? { ...previous, silentFor, checkedAt: at }
    : resolved(previous, 'no_data', at);
}

/** The alert while the store cannot answer, which says nothing about the node. */
export function withoutAnswer(
  previous: AlertRecord,
  at: number,
  times: AlertTimes,
): AlertRecord | null {
  return previous.state === 'resolved' ? aged(previous, at, times) : { ...previous, checkedAt: at };
}

/** The alert after its rule or its cluster has gone. */
export function ended(
  previous: AlertRecord,
  reason: AlertReason,
  at: number,
  times: AlertTimes,
): AlertRecord | null {
  return previous.state === 'resolved' ? aged(previous, at, times) : resolved(previous, reason, at);
}

/** Whether the change is published as an event. */
export function isChange(previous: AlertRecord | null, next: AlertRecord): boolean {
  return previous?.state !== next.state || previous.severity !== next.severity;
}

const noLevel: AlertRecord['held'] = { warning: null, critical: null };

function resolved(active: AlertRecord, reason: AlertReason, at: number): AlertRecord {
  return { ...active, state: 'resolved', since: at, held: { ...noLevel }, reason };
}

/** A resolved alert, `null` once it is no longer listed. */
export function aged(
  previous: AlertRecord | null,
  at: number,
  { listed }: AlertTimes,
): AlertRecord | null {
  return previous === null || at - previous.since >= listed ? null : previous;
}
