/** Milliseconds without a line of the same warning after one. */
const quietMs = 60_000;

type Fields = Record<string, unknown>;

/**
 * A log whose warnings do not repeat: an outage is told when it is met and then once a minute, with how many
 * warnings were left out (`untold`), however many requests and retries meet it.
 */
export function createSparingLog<L extends { warn(message: string, fields?: Fields): void }>({
  log,
  clock,
}: {
  log: L;
  clock: { now(): number };
}): L {
  const told = new Map<string, { at: number; untold: number }>();
  const warn = (message: string, fields?: Fields) => {
    const before = told.get(message);
    if (before !== undefined && clock.now() - before.at < quietMs) {
      before.untold += 1;
      return;
    }
    told.set(message, { at: clock.now(), untold: 0 });
    log.warn(message, before?.untold ? { ...fields, untold: before.untold } : fields);
  };
  return { ...log, warn };
}
