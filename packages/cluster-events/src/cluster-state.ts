import type { ClusterEvent, ClusterEventKind } from './cluster-event.js';
import { isTie, type EventTime } from './event-time.js';

/** What orders the events of one cluster. */
export interface EventStamp {
  time: EventTime;
  kind: ClusterEventKind;
}

/** What the events of a cluster say together; life and name each follow the newest about them. */
export interface ClusterState {
  life: EventStamp & { state: 'living' | 'deleted' };
  /** By the newest event that has a name: one without leaves it, and a deletion names nothing. */
  name: (EventStamp & { value: string }) | null;
}

/** Between events of one time: a deletion wins, and any event wins over a discovery. */
const rank: Record<ClusterEventKind, number> = {
  discovered: 0,
  created: 1,
  updated: 2,
  deleted: 3,
};

/**
 * The one order of events, negative where `a` comes first: by time, where a whole second precedes every
 * finer time within it; of one time by kind, a deletion last. Arrival plays no part, so that events in
 * any order and number, in any service, lead to the same state.
 */
function compareStamps(a: EventStamp, b: EventStamp): number {
  if (a.time === b.time) return rank[a.kind] - rank[b.kind];
  return a.time < b.time ? -1 : 1;
}

/** What an event says by itself. */
function stateOf({ kind, time, name }: ClusterEvent): ClusterState {
  return {
    life: { time, kind, state: kind === 'deleted' ? 'deleted' : 'living' },
    name: name === null || kind === 'deleted' ? null : { time, kind, value: name },
  };
}

/** Both states in one; commutative, and `a` itself where `b` adds nothing to it. */
export function mergeStates(a: ClusterState, b: ClusterState): ClusterState {
  // Fields that a later version added stay.
  const life = compareStamps(b.life, a.life) > 0 ? { ...a.life, ...b.life } : a.life;
  const name = laterName(a.name, b.name);
  return life === a.life && name === a.name ? a : { ...a, life, name };
}

function laterName(a: ClusterState['name'], b: ClusterState['name']): ClusterState['name'] {
  if (a === null || b === null) return a ?? b;
  const order = compareStamps(b, a);
  // Two names of one stamp: the order of arrival must not decide.
  return order > 0 || (order === 0 && b.value > a.value) ? { ...a, ...b } : a;
}

/** The state after an event: `current` itself where the event changes nothing. */
export function applyToState(current: ClusterState | null, event: ClusterEvent): ClusterState {
  return current === null ? stateOf(event) : mergeStates(current, stateOf(event));
}

/** Why an event did not come to bear. */
export interface Outranking {
  /** `older` than what stands; `tie`: of one time with it, as far as the times tell. */
  reason: 'older' | 'tie';
  /** The event that stands. */
  by: EventStamp;
}

/**
 * What outranks an event, so that the cluster exists or is gone against it, or that it has no effect at
 * all; null where it stands, or is the very one that stands.
 */
export function outrankedBy(current: ClusterState | null, event: ClusterEvent): Outranking | null {
  if (current === null) return null;
  const own = stateOf(event);
  const isContradicted =
    compareStamps(own.life, current.life) < 0 && own.life.state !== current.life.state;
  if (!isContradicted) {
    const isSame =
      compareStamps(own.life, current.life) === 0 &&
      (own.name === null || own.name.value === current.name?.value);
    if (isSame || mergeStates(current, own) !== current) return null;
  }
  const by = { time: current.life.time, kind: current.life.kind };
  return { reason: isTie(event.time, by.time) ? 'tie' : 'older', by };
}
