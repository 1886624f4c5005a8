/** Growth of cumulative buckets, by their upper bound in seconds. */
export type Buckets = ReadonlyMap<number, number>;

/** Why there is no quantile: nothing was counted, or it is above the largest bound. */
export type NoQuantile = 'nothing' | 'beyond';

/**
 * A quantile in seconds, on a line between the bounds of its bucket as `histogram_quantile()` has it, from zero in
 * the first. Where that answers the largest bound there is no quantile here: it may be anything above.
 */
export function quantile(buckets: Buckets, share: number): number | NoQuantile {
  const total = buckets.get(Infinity) ?? 0;
  if (!(total > 0)) return 'nothing';
  const rank = share * total;
  let lower = 0;
  let below = 0;
  for (const [bound, counted] of [...buckets].sort(([a], [b]) => a - b)) {
    // Buckets of one histogram are read at one time, but of several added up they may not quite ascend.
    const count = Math.max(counted, below);
    if (count >= rank && count > below)
      return bound === Infinity
        ? 'beyond'
        : lower + ((bound - lower) * (rank - below)) / (count - below);
    lower = bound;
    below = count;
  }
  return 'beyond';
}

/** Buckets of several histograms as one: of the bounds that all have, since only those can be added up. */
export function mergeBuckets(all: readonly Buckets[]): Buckets {
  const [first = new Map<number, number>(), ...others] = all.filter(
    (one) => (one.get(Infinity) ?? 0) > 0,
  );
  const common = [...first.keys()].filter((bound) => others.every((one) => one.has(bound)));
  return new Map(
    common.map((bound) => [
      bound,
      [first, ...others].reduce((sum, one) => sum + (one.get(bound) ?? 0), 0),
    ]),
  );
}
