import { eventTimeFromMs, eventTimeToMs } from '@bud-monitoring/cluster-events';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Clock, Log, Sightings } from '../ports.js';
import type { Intake } from './state/desired-state.js';
import type { ClusterRecord } from './state/record.js';

/** How long a label has to be in the store before its cluster counts. */
const settledMs = 10 * 60_000;

/** Finds clusters that no event announced: some brokers lose events before anybody hears of them. */
export interface Discovery {
  /**
   * Takes the clusters that are in the store and not among `known`, and those of `deleted` that came
   * back. What an event says of them at a later time counts more.
   */
  run(options: { known: ReadonlySet<ClusterId>; deleted: readonly ClusterRecord[] }): Promise<void>;
}

export function createDiscovery(options: {
  sightings: Sightings;
  intake: Intake;
  clock: Clock;
  log: Log;
}): Discovery {
  const { sightings, intake, clock, log } = options;

  /** Those of `ids` that have been in the store for ten minutes. */
  async function settled(ids: readonly ClusterId[], now: number): Promise<ClusterId[]> {
    const present = await sightings.seenAt(ids, now);
    const before = await sightings.seenAt([...present], now - settledMs);
    return [...before];
  }

  /** A deleted cluster's label stays for a while; only one that was gone in between is a new life. */
  async function cameBack(record: ClusterRecord, now: number): Promise<boolean> {
    const afterwards = eventTimeToMs(record.desired.life.time) + settledMs;
    if (afterwards > now - settledMs) return false;
    if ((await sightings.seenAt([record.id], afterwards)).size > 0) return false;
    return (await settled([record.id], now)).length > 0;
  }

  return {
    async run({ known, deleted }) {
      const now = clock.now();
      const candidates = await sightings.candidates(now);
      const found = await settled(
        candidates.filter((id) => !known.has(id)),
        now,
      );
      const possible = new Set(candidates);
      for (const record of deleted)
        if (possible.has(record.id) && (await cameBack(record, now))) found.push(record.id);
      for (const clusterId of found) {
        const time = eventTimeFromMs(now - settledMs);
        await intake.take({ kind: 'discovered', clusterId, name: null, time });
        log.info('a cluster was discovered that no event announced', { clusterId });
      }
    },
  };
}
