import type { ClusterRecord } from '../../ports.js';
import type { Settled } from '../settle.js';

/** What each source that may know a cluster says of it. */
export interface Evidence {
  /** The registry: what cluster events said last. */
  readonly record: Settled<ClusterRecord | null>;
  /** Whether bud-cluster lists nodes. That it lists none decides nothing. */
  readonly listed: Settled<boolean>;
  /** Whether the metric store has a series of it. */
  readonly stored: Settled<boolean>;
}

export type Existence =
  | { readonly exists: true }
  | { readonly exists: false }
  /** No source knows it, and one that might could not be asked. */
  | { readonly exists: 'unknown'; readonly error: unknown };

/** Whether a cluster exists: not after an event has deleted it; else one source that knows it is enough. */
export function decideExistence({ record, listed, stored }: Evidence): Existence {
  if ('answer' in record && record.answer !== null) {
    return { exists: record.answer.state === 'present' };
  }
  const sources: readonly Settled<unknown>[] = [stored, listed, record];
  if (sources.some((source) => 'answer' in source && source.answer === true)) {
    return { exists: true };
  }
  const failed = sources.find((source) => 'failed' in source);
  return failed === undefined ? { exists: false } : { exists: 'unknown', error: failed.failed };
}

/** Throws `ClusterNotFound` for a cluster that does not exist, or the error that kept it unknown. */
export function assertExists(existence: Existence): void {
  if (existence.exists === 'unknown') throw existence.error;
  if (!existence.exists) throw new ClusterNotFound();
}

/** No source knows the cluster, or it was deleted. */
export class ClusterNotFound extends Error {
  override readonly name = 'ClusterNotFound';

  constructor() {
    super('Cluster not found');
  }
}

/** No part of the store that answered has a series of the cluster; one that did not may have. */
export class PartOfStoreAway extends Error {
  override readonly name = 'PartOfStoreAway';

  constructor() {
    super('A part of the store did not answer, and it may know the cluster');
  }
}
