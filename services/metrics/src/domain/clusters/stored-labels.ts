import { storedSpellings, type StoredSpellings } from '@bud-monitoring/contracts';
import type { Clock, MetricSource } from '../../ports.js';
import { isPartial } from '../promql/store-notes.js';
import { lastDay } from './stored-series.js';

/** How the store wrote the ids of clusters in the last day, for callers that ask many times a second. */
export interface StoredLabels {
  /** Empty where the store does not say: ids are taken as they are then. */
  read(): Promise<StoredSpellings>;
}

/** The store is not asked again for so long, ms. */
const freshMs = 30_000;

/** Asks once for all callers; while it asks again, what the store said before is used. */
export function createStoredLabels(options: {
  source: Pick<MetricSource, 'clusters'>;
  clock: Clock;
}): StoredLabels {
  const { source, clock } = options;
  let known: StoredSpellings | undefined;
  let knownAt = -Infinity;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    // It is for all callers: none of them aborts it by leaving.
    const { signal } = new AbortController();
    try {
      const { values, notes } = await source.clusters(lastDay(clock), signal);
      // What lacks something says less than what was known before.
      if (known === undefined || !isPartial(notes)) known = storedSpellings(values);
      knownAt = clock.now();
    } catch {
      // What is asked for next meets the same failure, and tells it.
    } finally {
      asking = undefined;
    }
  }

  return {
    async read() {
      if (clock.now() - knownAt >= freshMs) asking ??= ask();
      if (known === undefined) await asking;
      return known ?? new Map();
    },
  };
}
