import { topics } from '@bud-monitoring/contracts';

export type Kind = 'created' | 'updated' | 'deleted';

/** One event as it is published; `time` is RFC 3339. */
export interface Event {
  id: string;
  kind: Kind;
  clusterId: string;
  name?: string;
  time: string;
}

export const topicOf: Record<Kind, string> = {
  created: topics.clusterCreated,
  updated: topics.clusterUpdated,
  deleted: topics.clusterDeleted,
};

/** What the ledger says of one cluster. */
export interface Expected {
  clusterId: string;
  /** Null for a cluster that is gone. */
  name: string | null;
}

/**
 * Every event that the broker has taken. What should be is read from it alone, by the rules of event
 * time and without the service's own code: the newest word counts, and of one time the deletion.
 */
export interface Ledger {
  wrote(event: Event): void;
  readonly size: number;
  expected(): Expected[];
}

const rank: Record<Kind, number> = { created: 0, updated: 1, deleted: 2 };

export function createLedger(): Ledger {
  const events = new Map<string, Event[]>();
  let size = 0;
  return {
    wrote(event) {
      size += 1;
      const known = events.get(event.clusterId) ?? [];
      events.set(event.clusterId, [...known, event]);
    },
    get size() {
      return size;
    },
    expected: () =>
      [...events].map(([clusterId, all]) => {
        const newestFirst = all.toSorted(
          (a, b) => Date.parse(b.time) - Date.parse(a.time) || rank[b.kind] - rank[a.kind],
        );
        if (newestFirst[0]?.kind === 'deleted') return { clusterId, name: null };
        const named = newestFirst.find(
          ({ kind, name }) => kind !== 'deleted' && name !== undefined,
        );
        return { clusterId, name: named?.name ?? clusterId };
      }),
  };
}
