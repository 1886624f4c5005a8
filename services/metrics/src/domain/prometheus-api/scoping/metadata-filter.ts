/** One entry of a family in `/metadata`: targets that describe it differently have one each. */
interface MetadataEntry {
  readonly type?: string;
}

/** Suffixes of the series of a family, by its type: a family of any other type is its one series. */
const suffixesByType: Partial<Record<string, readonly string[]>> = {
  counter: ['', '_total', '_created'],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['', '_bucket', '_gsum', '_gcount'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['', '_info'],
};

/** How much of the metadata is asked for, as Prometheus reads it. */
export interface MetadataLimits {
  /** Most families; no limit where negative. */
  readonly families: number;
  /** Most entries of a family; no limit where not positive. */
  readonly perFamily: number;
}

/**
 * `data` of `/metadata`: only families, and of those only entries, of which the scope has a series. A gauge
 * `widgets` is not told of because there is a counter `widgets_total`: it may be another cluster's. The limits are
 * of what is shown: the store would count others' entries.
 */
export function filterMetadata<T extends MetadataEntry>(
  data: Readonly<Record<string, readonly T[]>>,
  names: ReadonlySet<string>,
  { families, perFamily }: MetadataLimits,
): Record<string, readonly T[]> {
  const most = (count: number) => (count < 0 ? undefined : count);
  const own = Object.entries(data).flatMap(([family, entries]) => {
    const shown = entries.filter(({ type = '' }) =>
      (suffixesByType[type] ?? ['']).some((suffix) => names.has(`${family}${suffix}`)),
    );
    const counted = shown.slice(0, most(perFamily === 0 ? -1 : perFamily));
    return counted.length === 0 ? [] : [[family, counted] as const];
  });
  return Object.fromEntries(own.slice(0, most(families)));
}
