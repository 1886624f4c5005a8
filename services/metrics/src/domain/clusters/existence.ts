import type { ClusterRecord } from '../../ports.js';

/** A question to one that may know a cluster: its answer, or that it could not be asked. */
export type Asked<T> = { readonly answer: T } | { readonly failed: unknown };

export async function asked<T>(question: Promise<T>): Promise<Asked<T>> {
  try {
    return { answer: await question };
  } catch (failed) {
    return { failed };
  }
}

export interface Witnesses {
  /** What cluster events said last. */
  readonly record: Asked<ClusterRecord | null>;
  /** Whether bud-cluster lists nodes. That it lists none decides nothing. */
  readonly listed: Asked<boolean>;
  /** Whether the store has a series of it, in the window or in the last day. */
  readonly stored: Asked<boolean>;
}

export type Existence =
  | { readonly exists: true }
  | { readonly exists: false }
  /** Nobody knows it, and one that might could not be asked. */
  | { readonly exists: 'unknown'; readonly error: unknown };

/** Whether a cluster exists: deleted by event is gone; else one witness is enough. */
export function decideExistence({ record, listed, stored }: Witnesses): Existence {
  if ('answer' in record && record.answer !== null) {
    return { exists: record.answer.state === 'present' };
  }
  const witnesses: readonly Asked<unknown>[] = [stored, listed, record];
  if (witnesses.some((one) => 'answer' in one && one.answer === true)) return { exists: true };
  const failed = witnesses.find((one) => 'failed' in one);
  return failed === undefined ? { exists: false } : { exists: 'unknown', error: failed.failed };
}

/** The cluster is not known to anybody. */
export class ClusterNotFound extends Error {
  override readonly name = 'ClusterNotFound';

  constructor() {
    super('Cluster not found');
  }
}
