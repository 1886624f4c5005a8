import type { Clock, Log } from '../ports.js';

/** Milliseconds without a line after one. */
const quietMs = 60_000;
/** Warnings of a line. */
const most = 3;

/** Logs what the store warns of, once a minute at most: while a part of it is away, every answer has warnings. */
export function createStoreWarnings({ log, clock }: { log: Log; clock: Clock }) {
  let loggedAt = -Infinity;
  return (warnings: readonly string[]): void => {
    if (clock.now() - loggedAt < quietMs) return;
    loggedAt = clock.now();
    log.warn('the store warned of an answer', { warnings: warnings.slice(0, most) });
  };
}
