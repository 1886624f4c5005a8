const KEY = 'bud-monitoring.redirected-at';
const PAUSE_MS = 30_000;

/**
 * Whether the page may go to the issuer unasked, which it then notes: once in 30 s. Where the issuer takes
 * somebody whom the API refuses, the two would send the browser back and forth for ever.
 */
export function mayRedirect(storage: Pick<Storage, 'getItem' | 'setItem'>, now: number): boolean {
  const last = Number(storage.getItem(KEY) ?? 0);
  // A clock that was set back is no reason to wait.
  if (now >= last && now - last < PAUSE_MS) return false;
  storage.setItem(KEY, String(now));
  return true;
}
