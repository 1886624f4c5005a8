/** How a span of a counter is measured: in `count` tiles of `ms` each, the last ending `shiftMs` after a multiple of `ms`. */
export interface Tiles {
  readonly ms: number;
  readonly count: number;
  readonly shiftMs: number;
}

/**
 * What a store's `rate()` is: Prometheus spreads over the whole range what grew in it. VictoriaMetrics
 * divides by the time between the samples it took, and takes the one before the range too; it has
 * another function for what grew within.
 */
export type Rates = 'spread' | 'between samples';

/** Shortest stretch a rate is taken over (ms): 5 minutes and four scrape intervals. */
export function shortestRateMs(intervalMs: number): number {
  return Math.max(300_000, 4 * intervalMs);
}

/**
 * Shortest tile that is worth its cost to the store in a window of that length (ms): a gap in the
 * middle of a tile shows in a mean by at most a third of a percent of the window.
 */
export function leastTileMs(windowMs: number): number {
  return Math.min(3_600_000, Math.floor(windowMs / 336));
}

/** Tiles that fill the `spanMs` before `endMs`. */
export function tilesBefore(endMs: number, spanMs: number, intervalMs: number): Tiles {
  const count = Math.max(1, Math.floor(spanMs / shortestRateMs(intervalMs)));
  const ms = Math.floor(spanMs / count);
  return { ms, count, shiftMs: endMs % ms };
}

/**
 * Tiles that fill every step of a range query whose points are multiples of the step; none shorter
 * than `leastMs`, if there is room.
 */
export function tilesOfStep(stepMs: number, intervalMs: number, leastMs = 0): Tiles {
  const shortest = Math.max(leastMs, shortestRateMs(intervalMs));
  let count = Math.max(1, Math.floor(stepMs / shortest));
  while (stepMs % count !== 0) count -= 1;
  return { ms: stepMs / count, count, shiftMs: 0 };
}

/**
 * A range that leaves out a sample exactly at its left end: Prometheus 2 would count it, 3 does not,
 * and one millisecond makes both the same.
 */
export function openRange(ms: number): string {
  return `[${ms - 1}ms]`;
}

/**
 * Growth of a counter over the tiles, each taken from the last sample before it to its own last, so
 * that nothing between two tiles is missed, resets do not show, and a gap adds nothing.
 */
export function growth(
  selected: string,
  tiles: Tiles,
  { intervalMs, even, rates }: Pick<Coverage, 'intervalMs' | 'even'> & { rates: Rates },
): string {
  const range = openRange(tiles.ms + intervalMs);
  if (rates === 'between samples') {
    return overTiles((shift) => {
      const within = `${selected}${range}${shift}`;
      const grown = `increase_prometheus(${within})`;
      if (even) return grown;
      // Where samples stand closer, the range reaches further back than to the last before the tile.
      const seconds = `(tlast_over_time(${within}) - tfirst_over_time(${within}))`;
      return `(${grown} * clamp_max(${tiles.ms / 1000} / ${seconds}, 1))`;
    }, tiles);
  }
  // rate() spreads over the range what grew within the tile: times the tile it is the growth again.
  const rate = (shift: string) => `rate(${selected}${range}${shift})`;
  return `${overTiles(rate, tiles)} * ${tiles.ms / 1000}`;
}

/** Whose coverage. */
export type CoverageOf = 'each' | 'any' | `max by (${string})`;

/** How the seconds of a tile are told from its samples. */
export interface Coverage {
  readonly intervalMs: number;
  /**
   * Whether the interval is the same throughout. Where it is not, a series is held against the one
   * that has the most samples in the tile.
   */
  readonly even: boolean;
  /**
   * Whether it is asked for each series, when any of them had samples, or of series that an
   * aggregation (`max by (instance)`) makes one.
   */
  readonly of: CoverageOf;
}

/**
 * Seconds of the tiles in which a series had samples: from each to the next, as its growth is. A tile
 * that lacks one or two is covered whole, as the counter went on meanwhile.
 */
export function coverage(
  selected: string,
  tiles: Tiles,
  { intervalMs, even, of }: Coverage,
): string {
  const range = openRange(tiles.ms + intervalMs);
  const steps = tiles.ms / intervalMs;
  const enough = of === 'any' ? 1 : Math.max(1, steps - Math.max(1.5, steps / 20));
  const known = even || of === 'any';
  // Every operation here is done for each series in each tile: as few as possible, the rest outside.
  const share = (shift: string) => {
    const each = `count_over_time(${selected}${range}${shift})`;
    const count = of === 'each' ? each : `${of === 'any' ? 'max' : of} (${each})`;
    if (known) return `clamp_max(${count} - 1, ${enough})`;
    return `clamp_max((${count} - 1) / (0.85 * (scalar(max(${each})) - 1)), 1)`;
  };
  return `${overTiles(share, tiles)} * ${tiles.ms / 1000 / (known ? enough : 1)}`;
}

/** Adds up what `of` measures in each tile; the tiles of a subquery stand at multiples of their length. */
function overTiles(of: (shift: string) => string, { ms, count, shiftMs }: Tiles): string {
  if (count === 1) return of('');
  const shift = shiftMs === 0 ? '' : ` offset -${shiftMs}ms`;
  return `sum_over_time(${of(shift)}[${ms * count - 1}ms:${ms}ms])`;
}
