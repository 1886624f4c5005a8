import { eventTimeFromMs, eventTimeToMs } from '@bud-monitoring/cluster-events';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, ClusterDiscoverySource, Log } from '../ports.js';
import type { DesiredStateWriter } from './state/desired-state-writer.js';
import type { ClusterRecord } from './state/record.js';

/** How long a cluster must have had samples before it is discovered. */
const settledMs = 10 * 60_000;

/** Discovers clusters without an event: some brokers lose events before they are delivered. */
export interface Discovery {
  /**
   * Desires dashboards for the clusters that have samples and are not `known`, and for those of
   * `deleted` that came back. An event about them of a later time wins.
   */
  run(options: { known: ReadonlySet<ClusterId>; deleted: readonly ClusterRecord[] }): Promise<void>;
}

/** A discovery that writes the desired state of what it finds. */
export function createDiscovery(options: {
  discoverySource: ClusterDiscoverySource;
  desiredState: DesiredStateWriter;
  clock: Clock;
  log: Log;
}): Discovery {
  const { discoverySource, desiredState, clock, log } = options;

  /** Those of `ids` that have had samples for ten minutes. */
  async function settled(ids: readonly ClusterId[], now: number): Promise<ClusterId[]> {
    const active = await discoverySource.activeAt(ids, now);
    const before = await discoverySource.activeAt([...active], now - settledMs);
    return [...before];
  }

  /** Samples go on for a while after a deletion; only a cluster without any in between came back. */
  async function cameBack(record: ClusterRecord, now: number): Promise<boolean> {
    const afterwards = eventTimeToMs(record.desired.life.time) + settledMs;
    if (afterwards > now - settledMs) return false;
    if ((await discoverySource.activeAt([record.id], afterwards)).size > 0) return false;
    return (await settled([record.id], now)).length > 0;
  }

  return {
    async run({ known, deleted }) {
      const now = clock.now();
      const candidates = await discoverySource.candidates(now);
      const discovered = await settled(
        candidates.filter((id) => !known.has(id)),
        now,
      );
      const possible = new Set(candidates);
      for (const record of deleted)
        if (possible.has(record.id) && (await cameBack(record, now))) discovered.push(record.id);
      for (const clusterId of discovered) {
        const time = eventTimeFromMs(now - settledMs);
        await desiredState.handleEvent({ kind: 'discovered', clusterId, name: null, time });
        log.info('a cluster was discovered without an event', { clusterId });
      }
    },
  };
}
