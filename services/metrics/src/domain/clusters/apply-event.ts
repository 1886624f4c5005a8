import {
  applyToState,
  eventTimeFromMs,
  eventTimeToMs,
  mergeStates,
  normalizeName,
  outrankedBy,
  type ClusterEvent,
  type ClusterState,
  type Outranking,
} from '@bud-monitoring/cluster-events';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { ClusterRecord } from '../../ports.js';
import { recordVersion } from './record.js';

/** A record after an event, `null` where the event changes nothing, and what outranks the event. */
export function applyEvent(
  current: ClusterRecord | null,
  event: ClusterEvent,
): { record: ClusterRecord | null; outranking: Outranking | null } {
  const before = current === null ? null : stateOf(current);
  const after = applyToState(before, event);
  return {
    record: after === before ? null : recordOf(current, event.clusterId, after),
    outranking: outrankedBy(before, event),
  };
}

/** What two records of a cluster say together; `null` where `added` says nothing new. */
export function mergeRecords(known: ClusterRecord, added: ClusterRecord): ClusterRecord | null {
  const before = stateOf(known);
  const after = mergeStates(before, stateOf(added));
  return after === before ? null : recordOf(known, known.clusterId, after);
}

/** Fields of a later version in the record `before` are kept. */
function recordOf(
  before: ClusterRecord | null,
  clusterId: ClusterId,
  events: ClusterState,
): ClusterRecord {
  return {
    ...before,
    v: recordVersion,
    clusterId,
    state: events.life.state === 'deleted' ? 'deleted' : 'present',
    name: events.name?.value ?? null,
    time: eventTimeToMs(events.life.time),
    events,
  };
}

/** Records of earlier versions know the newest event only, to the millisecond. */
function stateOf({ state, name, time, events }: ClusterRecord): ClusterState {
  if (events !== undefined) return events;
  const stamp = { time: eventTimeFromMs(time), kind: 'created' as const };
  const value = normalizeName(name);
  return {
    life:
      state === 'deleted'
        ? { ...stamp, kind: 'deleted', state: 'deleted' }
        : { ...stamp, state: 'living' },
    name: value === null ? null : { ...stamp, value },
  };
}
