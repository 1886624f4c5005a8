const firstMs = 1_000;
const longestMs = 5 * 60_000;
/** For what only a person can mend; a change of templates, configuration or wish comes sooner. */
const lastingMs = 30 * 60_000;

/**
 * Milliseconds until the next try: doubling from a second to five minutes, or half an hour for what
 * repeating does not mend; never sooner than Grafana asks. `random` is in [0, 1).
 */
export function backoffMs(input: {
  attempts: number;
  lasting: boolean;
  retryAfterMs: number | null;
  random: number;
}): number {
  const base = input.lasting
    ? lastingMs
    : Math.min(longestMs, firstMs * 2 ** Math.min(input.attempts - 1, 20));
  // Half of it is left to chance, so that what failed together does not come back together.
  const waited = base / 2 + (base / 2) * input.random;
  return Math.round(Math.max(waited, input.retryAfterMs ?? 0));
}
