import { createPace } from '../../turns/pace.js';

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
export async function filterMetadata<T extends MetadataEntry>(
  data: Readonly<Record<string, readonly T[]>>,
  names: ReadonlySet<string>,
  { families, perFamily }: MetadataLimits,
): Promise<Record<string, readonly T[]>> {
  const pace = createPace();
  const most = (count: number) => (count < 0 ? Infinity : count);
  const own: [string, readonly T[]][] = [];
  for (const [family, entries] of Object.entries(data)) {
    await pace();
    if (own.length >= most(families)) break;
    const shown = entries.filter(({ type = '' }) =>
      (suffixesByType[type] ?? ['']).some((suffix) => names.has(`${family}${suffix}`)),
    );
    const counted = shown.slice(0, most(perFamily === 0 ? -1 : perFamily));
    if (counted.length > 0) own.push([family, counted]);
  }
  return Object.fromEntries(own);
}
