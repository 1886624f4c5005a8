/**
 * Functions that read nothing but their arguments: all of Prometheus 2.42 to 3.16, experimental ones
 * included, but `info()`, which joins series that no selector of the query names. `label_replace` and
 * `label_join` may write a `cluster` label into a result: its values still come from this cluster alone.
 */
const functions = new Set(
  `abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max
  clamp_min cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg delta deriv
  double_exponential_smoothing end exp first_over_time floor histogram_avg histogram_count
  histogram_fraction histogram_quantile histogram_quantiles histogram_stddev histogram_stdvar
  histogram_sum holt_winters hour idelta increase integral irate label_join label_replace last_over_time
  ln log10 log2 mad_over_time max_of max_over_time min_of min_over_time minute month pi predict_linear
  present_over_time quantile_over_time rad range rate resets round scalar sgn sin sinh sort sort_by_label
  sort_by_label_desc sort_desc sqrt start start_timestamp stddev_over_time stdvar_over_time step
  sum_over_time tan tanh time timestamp ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time
  ts_of_min_over_time vector year`.split(/\s+/),
);

const aggregations = new Set(
  `avg bottomk count count_values group limit_ratio limitk max min quantile stddev stdvar sum topk`.split(
    ' ',
  ),
);

/** Names of the allowed functions, sorted; for documentation and for tests that must meet each. */
export const allowedFunctions: readonly string[] = [...functions].sort();

/** Names of the allowed aggregations, sorted. */
export const allowedAggregations: readonly string[] = [...aggregations].sort();

/** Functions that are keywords of PromQL. */
const keywords = new Set(['end', 'max_of', 'min_of', 'range', 'start', 'step']);

/** Function names are case-sensitive in PromQL; keywords, as aggregations are, are not. */
export function isAllowedCall(name: string, kind: 'function' | 'aggregation'): boolean {
  const word = name.toLowerCase();
  if (kind === 'aggregation') return aggregations.has(word);
  return functions.has(keywords.has(word) ? word : name);
}
