import type {
  Inference,
  InferenceFigures,
  InferenceTrendName,
  InferenceTrends as Trends,
  Quantiles,
} from '@bud-monitoring/contracts';
import type { LatencyField } from '../../metrics/inference/engine.js';
import type { InferenceField } from '../../metrics/inference/figures.js';
import { percentBounds, plausible } from '../../bounds.js';
import { groupBy } from '../../group-by.js';
import type { Figures } from '../../promql/figure.js';
import { createPace } from '../../turns/pace.js';
import { round } from '../../units.js';
import type { Warnings } from '../../warnings.js';
import { changeOf } from '../aggregate/average.js';
import { toTimeSeries, type SeriesForm } from '../respond/time-series.js';
import { mergeBuckets, quantile } from './quantiles.js';
import { servedModels, type Served } from './served-models.js';
import { trendOfField, type InferenceTrends } from './trends.js';

/** Share of a cache in percent; beyond what can be it is `null`. */
const cachePercent = (share: number) => plausible(100 * share, percentBounds);

/** What was read of the servers of models. */
export interface InferenceInput {
  /** At the end of the window. */
  readonly now: Figures;
  /** Latencies at the end of the window before. */
  readonly before: Figures;
  readonly trends: InferenceTrends;
  readonly form: SeriesForm;
}

/** Most models that have series of their own. */
const seriesModels = 50;

/** The models that are served, and their totals. */
export async function inferenceOf(
  readings: InferenceInput,
  warnings: Warnings,
): Promise<Inference> {
  const all = await servedModels(readings.now);
  const before = await servedModels(readings.before);
  const beforeByKey = groupBy(before, ({ key }) => key);
  const hasSeries = all.length <= seriesModels;
  const beyond = new Set<string>();
  const models: Inference['models'] = [];
  const pace = createPace();
  for (const served of all) {
    await pace();
    const { key, model, namespace, server, instances } = served;
    const onBeyond = () => beyond.add(model ?? server);
    const own = beforeByKey.get(key) ?? [];
    const trends = await trendsOf(readings, { model: key, before: own, hasSeries });
    const figures = figuresOf([served], onBeyond);
    models.push({ model, namespace, server, replicas: instances.size, ...figures, trends });
  }
  const metric = 'inference';
  if (all.length === 0) warnings.add('no_data', `There is no data for ${metric}`, { metric });
  const caches = all.flatMap(({ values }) => values.get('cache') ?? []);
  if (caches.some((share) => cachePercent(share) === null))
    warnings.add('implausible_value', 'The use of a cache cannot be', { metric });
  if (beyond.size > 0) {
    const names = [...beyond].slice(0, 20).join(', ');
    const text = `Latencies above the largest bucket that their servers count: ${names}`;
    warnings.add('beyond_buckets', text, { metric });
  }
  const trends = await trendsOf(readings, { model: null, before, hasSeries: true });
  return { ...figuresOf(all, () => undefined), trends, models };
}

/** Decimals of each figure, and its field. */
const trendFields: Readonly<
  Record<InferenceTrendName, { readonly field: InferenceField; readonly decimals: number }>
> = {
  requests_running: { field: 'running', decimals: 2 },
  requests_waiting: { field: 'waiting', decimals: 2 },
  requests_per_second: { field: 'requests', decimals: 3 },
  errors_per_second: { field: 'errors', decimals: 3 },
  input_tokens_per_second: { field: 'inputTokens', decimals: 3 },
  output_tokens_per_second: { field: 'outputTokens', decimals: 3 },
  cache_usage_percent: { field: 'cache', decimals: 2 },
};

const fieldsOfTrends = Object.entries(trendFields);

/** Means, comparison and series of a model, or of all. */
async function trendsOf(
  { trends, form }: InferenceInput,
  of: { model: string | null; before: readonly Served[]; hasSeries: boolean },
): Promise<Trends> {
  const { model, before, hasSeries } = of;
  const { grid } = trends;
  const named = async ([name, { field, decimals }]: (typeof fieldsOfTrends)[number]) => {
    const trend = await trendOfField(trends, field, model);
    const change = changeOf(field === 'cache' ? 'share' : 'amount', trend.average, trend.before);
    return [
      name,
      {
        average: round(trend.average, decimals),
        previous_average: round(trend.before, decimals),
        change_percent: round(change),
        ...(grid !== null &&
          hasSeries && { time_series: toTimeSeries(trend.column, grid, form, decimals) }),
      },
    ];
  };
  const own = await Promise.all(fieldsOfTrends.map(named));
  return {
    ...(Object.fromEntries(own) as Pick<Trends, InferenceTrendName>),
    previous_latencies: latenciesOf(before, () => undefined),
  };
}

function figuresOf(
  served: readonly Served[],
  onBeyond: () => void,
): Omit<InferenceFigures, 'trends'> {
  const valuesOf = (field: InferenceField) =>
    served.flatMap(({ values }) => values.get(field) ?? []);
  const sum = (field: InferenceField, decimals: number) => {
    const values = valuesOf(field);
    const total = values.reduce((all, value) => all + value, 0);
    return values.length === 0 ? null : round(total, decimals);
  };
  const caches = valuesOf('cache').flatMap((share) => cachePercent(share) ?? []);
  const mean = caches.reduce((all, percent) => all + percent, 0) / caches.length;
  return {
    requests_running: sum('running', 2),
    requests_waiting: sum('waiting', 2),
    requests_per_second: sum('requests', 3),
    errors_per_second: sum('errors', 3),
    input_tokens_per_second: sum('inputTokens', 3),
    output_tokens_per_second: sum('outputTokens', 3),
    cache_usage_percent: caches.length === 0 ? null : round(mean),
    ...latenciesOf(served, onBeyond),
  };
}

function latenciesOf(
  served: readonly Served[],
  onBeyond: () => void,
): Trends['previous_latencies'] {
  const quantiles = (field: LatencyField): Quantiles => {
    const all = served.flatMap((one) => [...(one.buckets.get(field)?.values() ?? [])]);
    const buckets = mergeBuckets(all);
    const [p50 = null, p95 = null, p99 = null] = [0.5, 0.95, 0.99].map((share) => {
      const value = quantile(buckets, share);
      if (value === 'beyond') onBeyond();
      return typeof value === 'number' ? round(value, 4) : null;
    });
    return { p50, p95, p99 };
  };
  return {
    time_to_first_token_seconds: quantiles('firstToken'),
    time_between_tokens_seconds: quantiles('betweenTokens'),
  };
}
