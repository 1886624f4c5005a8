import type { Log } from '../ports.js';

/** Most stored values that are remembered as unreadable. */
const most = 1_000;

/** Stored values that this version cannot read: each costs its own cluster only. */
export interface UnreadableValues {
  /** Notes whether the value of a cluster under a key could be read; the first time not is logged. */
  note(key: string, cluster: string, isReadable: boolean): void;
  /** How many could not be read when they were last looked at. */
  readonly count: number;
}

export function createUnreadableValues({ log }: { log: Pick<Log, 'warn'> }): UnreadableValues {
  const values = new Set<string>();
  return {
    note(key, cluster, isReadable) {
      const value = `${key} ${cluster}`;
      if (isReadable) {
        values.delete(value);
      } else if (values.size < most && !values.has(value)) {
        values.add(value);
        log.warn('a stored value cannot be read, and its cluster goes without it', {
          key,
          clusterId: cluster,
        });
      }
    },
    get count() {
      return values.size;
    },
  };
}
