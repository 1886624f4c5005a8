/** Labels of one series, `__name__` included where the store sends it. */
export type Labels = Record<string, string>;

/** One value per series. `time` is in Unix seconds; NaN and infinities are JavaScript's. */
export interface InstantResult {
  series: { metric: Labels; time: number; value: number }[];
  warnings: string[];
  infos: string[];
}

/** Columns per series: `values[i]` was measured at `times[i]`, Unix seconds. */
export interface RangeResult {
  series: { metric: Labels; times: readonly number[]; values: number[] }[];
  warnings: string[];
  infos: string[];
}

/** Names, or values of a label. With a warning some may be missing: a part of the store did not answer. */
export interface LabelValuesResult {
  values: string[];
  warnings: string[];
}

export interface QueryOptions {
  /** Evaluation time in Unix seconds; the store's now otherwise. */
  time?: number | undefined;
  /** At most so many series, where the store knows the parameter (2.42 does not). */
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface QueryRangeOptions {
  /** Unix seconds, both ends included. */
  start: number;
  end: number;
  /** Seconds. */
  step: number;
  signal?: AbortSignal | undefined;
}

export interface SeriesOptions {
  start: number;
  end: number;
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface LabelValuesOptions {
  match?: readonly string[] | undefined;
  start?: number | undefined;
  end?: number | undefined;
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The HTTP API of Prometheus, and of what speaks like it (Mimir, Thanos, VictoriaMetrics). Every
 * failure is an `UpstreamError`; an empty result is a result.
 */
export interface PrometheusClient {
  /** Evaluates at one time. A scalar comes as one series without labels; a matrix is an error. */
  query(expr: string, options?: QueryOptions): Promise<InstantResult>;
  /** Evaluates at each step of a range. */
  queryRange(expr: string, options: QueryRangeOptions): Promise<RangeResult>;
  /** The samples of the series that a range vector selector (`up[5m]`) selects, at the times they were taken. */
  samples(
    selector: string,
    options: { time: number; signal?: AbortSignal | undefined },
  ): Promise<RangeResult>;
  /** The label sets of the series that match any of the selectors. */
  series(match: readonly string[], options: SeriesOptions): Promise<Labels[]>;
  /** The values of a label, over all series or those that match any of the selectors. */
  labelValues(label: string, options?: LabelValuesOptions): Promise<LabelValuesResult>;
  /** What runs there; the version is empty where the store does not say. */
  buildInfo(signal?: AbortSignal): Promise<{ version: string }>;
  /** How long samples are kept, as Prometheus says it (`15d or 10GiB`); `null` of other stores. Never fails. */
  retention(signal?: AbortSignal): Promise<string | null>;
  /** Whether the store makes one series of those of several replicas, anew for each query (Thanos). */
  joinsReplicas(signal?: AbortSignal): Promise<boolean>;
  /** Resolves if the store answers a query now. */
  ready(signal?: AbortSignal): Promise<void>;
}
