import type { RegistryEvent } from '@bud-monitoring/cluster-events';
import type { ClusterRecord } from '../../ports.js';

/** The record after an event, `null` where the event changes nothing: older, or seen before. */
export function applyEvent(
  current: ClusterRecord | null,
  { kind, clusterId, name, time }: RegistryEvent,
): ClusterRecord | null {
  const deleted = kind === 'deleted';
  if (current !== null) {
    if (time < current.time) return null;
    // At the same time deletion wins, whichever came first.
    if (time === current.time && (!deleted || current.state === 'deleted')) return null;
  }
  return {
    clusterId,
    state: deleted ? 'deleted' : 'present',
    name: name ?? current?.name ?? null,
    time,
  };
}
