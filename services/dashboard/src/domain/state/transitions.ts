import { applyToState, eventTimeFromMs, type ClusterEvent } from '@bud-monitoring/cluster-events';
import {
  initialReconcileState,
  nothingObserved,
  type ClusterRecord,
  type Desired,
} from './record.js';

/**
 * The record after an event at `now` (Unix ms); the same object where the event changes nothing.
 * Existence and name follow the order of events, so that any order and any number of deliveries converge
 * to the same state.
 */
export function applyEvent(
  record: ClusterRecord | null,
  event: ClusterEvent,
  now: number,
): ClusterRecord {
  const before = record?.desired ?? null;
  const { life, name } = applyToState(before, event);
  if (record !== null && life === record.desired.life && name === record.desired.name)
    return record;
  // What was requested for a cluster does not outlive its deletion.
  const recreated = before?.life.state !== 'living' && life.state === 'living';
  const requested = recreated || before === null ? unrequested : before;
  const after: Desired = {
    ...before,
    life,
    name,
    dashboards: requested.dashboards,
    sharing: requested.sharing,
    rotation: before?.rotation ?? 0,
    since:
      before === null || visible(before) !== visible({ ...before, life, name })
        ? now
        : before.since,
  };
  return withDesired(record, event.clusterId, after);
}

const unrequested: Pick<Desired, 'dashboards' | 'sharing'> = {
  dashboards: 'wanted',
  sharing: { enabled: true, expiresAt: null },
};

/** The part of life and name that Grafana shows. */
function visible({ life, name }: Pick<Desired, 'life' | 'name'>): string {
  return `${life.state} ${name?.value ?? ''}`;
}

/** A change of the desired state of a living cluster that a caller of the API requests. */
export type DesiredStateRequest =
  | { kind: 'provision' }
  | { kind: 'remove' }
  | { kind: 'rotate' }
  | { kind: 'share'; enabled: boolean; expiresAt: number | null };

/** The record after a request at `now` (Unix ms). Every request resets the backoff. */
export function applyRequest(
  record: ClusterRecord,
  request: DesiredStateRequest,
  now: number,
): ClusterRecord {
  const { desired } = record;
  const after = { ...desired, since: now };
  switch (request.kind) {
    case 'provision':
      return withDesired(record, record.id, { ...after, dashboards: 'wanted' });
    case 'remove':
      return withDesired(record, record.id, { ...after, dashboards: 'removed' });
    case 'rotate':
      return withDesired(record, record.id, { ...after, rotation: desired.rotation + 1 });
    case 'share':
      return withDesired(record, record.id, {
        ...after,
        sharing: {
          ...desired.sharing,
          enabled: request.enabled,
          expiresAt: request.expiresAt,
        },
      });
  }
}

/**
 * The record that takes the place of one that cannot be read, after a request at `now` (Unix ms). The
 * cluster lives from the beginning of time: whatever event is known or replayed is newer.
 */
export function resetRecord(
  id: ClusterRecord['id'],
  request: DesiredStateRequest,
  now: number,
): ClusterRecord {
  const time = eventTimeFromMs(0);
  const record = applyEvent(null, { kind: 'discovered', clusterId: id, name: null, time }, now);
  return applyRequest(record, request, now);
}

/** A new desired state is reconciled at once, whatever the backoff of the old one. */
function withDesired(
  record: ClusterRecord | null,
  id: ClusterRecord['id'],
  desired: Desired,
): ClusterRecord {
  if (record === null)
    return { v: 1, id, desired, observed: nothingObserved, work: initialReconcileState };
  return {
    ...record,
    desired,
    work: { ...record.work, attempts: 0, nextTry: null, error: null },
  };
}
