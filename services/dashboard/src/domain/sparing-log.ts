import type { Clock, Log } from '../ports.js';

/** Milliseconds without a line of the same warning after one. */
const quietMs = 60_000;

/**
 * A log whose warnings do not repeat: an outage is told when it is met and then once a minute, with how many
 * warnings were left out (`untold`), however many clusters and retries meet it.
 */
export function createSparingLog({ log, clock }: { log: Log; clock: Clock }): Log {
  const told = new Map<string, { at: number; untold: number }>();
  return {
    info: (message, fields) => log.info(message, fields),
    error: (message, fields) => log.error(message, fields),
    warn(message, fields) {
      const before = told.get(message);
      if (before !== undefined && clock.now() - before.at < quietMs) {
        before.untold += 1;
        return;
      }
      told.set(message, { at: clock.now(), untold: 0 });
      log.warn(message, before?.untold ? { ...fields, untold: before.untold } : fields);
    },
  };
}
