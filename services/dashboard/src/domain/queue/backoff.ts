const firstMs = 1_000;
const maxMs = 5 * 60_000;
/** For permanent failures; a change of templates, configuration or desired state comes sooner. */
const permanentMs = 30 * 60_000;
/** The longest `Retry-After` that is believed: a wrong clock can name any date. */
const longestAskedMs = 60 * 60_000;

/**
 * Milliseconds until the next try: exponential from a second to five minutes, or half an hour after a
 * permanent failure; not sooner than Grafana's `Retry-After`, of which an hour counts. `random` is in [0, 1).
 */
export function backoffMs(input: {
  attempts: number;
  permanent: boolean;
  retryAfterMs: number | null;
  random: number;
}): number {
  const base = input.permanent
    ? permanentMs
    : Math.min(maxMs, firstMs * 2 ** Math.min(input.attempts - 1, 20));
  // Jitter of one half, so that what failed together does not come back together.
  const waited = base / 2 + (base / 2) * input.random;
  return Math.round(Math.max(waited, Math.min(input.retryAfterMs ?? 0, longestAskedMs)));
}
