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

/**
 * `data` of `/metadata`: only families, and of those only entries, of which the scope has a series. A gauge
 * `widgets` is not told of because there is a counter `widgets_total`: it may be another cluster's.
 */
export function filterMetadata<T extends MetadataEntry>(
  data: Readonly<Record<string, readonly T[]>>,
  names: ReadonlySet<string>,
): Record<string, readonly T[]> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([family, entries]) => {
      const own = entries.filter(({ type = '' }) =>
        (suffixesByType[type] ?? ['']).some((suffix) => names.has(`${family}${suffix}`)),
      );
      return own.length === 0 ? [] : [[family, own] as const];
    }),
  );
}
