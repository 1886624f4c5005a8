import type { ClusterEvent } from '@bud-monitoring/cluster-events';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock } from '../../ports.js';
import type { ClusterIndex } from './cluster-index.js';
import type { ClusterRecord } from './record.js';
import type { Records } from './records.js';
import { applyEvent, applyRequest, type Request } from './transitions.js';

/** Writes down what should be. When a call has resolved, the wish survives a crash. */
export interface Intake {
  /** Takes an event; one that changes nothing writes nothing. Throws `StoreDown`. */
  take(event: ClusterEvent): Promise<void>;
  /** Takes a request for a living cluster; null where there is none. Throws `StoreDown`. */
  request(id: ClusterId, request: Request): Promise<ClusterRecord | null>;
}

export function createIntake(options: {
  records: Records;
  index: ClusterIndex;
  clock: Clock;
  /** Called after something was written, to start the work. */
  wake: (id: ClusterId) => void;
}): Intake {
  const { records, index, clock, wake } = options;
  return {
    async take(event) {
      const { clusterId } = event;
      const stored = await records.get(clusterId);
      // A new cluster is listed before it is written, so that no record is ever unlisted.
      if (stored === null) await index.open(clusterId);
      const { changed, created } = await records.update(
        clusterId,
        (record) => applyEvent(record, event, clock.now()),
        stored,
      );
      // Nobody lists a cluster as done before there is a record of it. One that there was may be listed
      // so, also when nothing changed: the delivery before may have died between the two writes.
      if (!created) await index.open(clusterId);
      if (changed) wake(clusterId);
    },
    async request(id, request) {
      const { record, changed } = await records.update(id, (before) =>
        before?.desired.life.state === 'living' ? applyRequest(before, request, clock.now()) : null,
      );
      if (!changed) return null;
      await index.open(id);
      wake(id);
      return record;
    },
  };
}
