import type { Inference, InferenceFigures, Quantiles } from '@bud-monitoring/contracts';
import type { LatencyField } from '../../metrics/inference/engine.js';
import type { InferenceField } from '../../metrics/inference/figures.js';
import { percentBounds, plausible } from '../../bounds.js';
import type { Figures } from '../../promql/figure.js';
import { round } from '../../units.js';
import type { Warnings } from '../../warnings.js';
import { mergeBuckets, quantile } from './quantiles.js';
import { servedModels, type Served } from './served-models.js';

/** Share of a cache in percent; beyond what can be it is `null`. */
const cachePercent = (share: number) => plausible(100 * share, percentBounds);

/** The models that are served, and their totals. */
export function inferenceOf(figures: Figures, warnings: Warnings): Inference {
  const all = servedModels(figures);
  const beyond = new Set<string>();
  const models = all.map((served) => {
    const { model, namespace, server, instances } = served;
    const onBeyond = () => beyond.add(model ?? server);
    const own = figuresOf([served], onBeyond);
    return { model, namespace, server, replicas: instances.size, ...own };
  });
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
  return { ...figuresOf(all, () => undefined), models };
}

function figuresOf(served: readonly Served[], onBeyond: () => void): InferenceFigures {
  const valuesOf = (field: InferenceField) =>
    served.flatMap(({ values }) => values.get(field) ?? []);
  const sum = (field: InferenceField, decimals: number) => {
    const values = valuesOf(field);
    const total = values.reduce((all, value) => all + value, 0);
    return values.length === 0 ? null : round(total, decimals);
  };
  const caches = valuesOf('cache').flatMap((share) => cachePercent(share) ?? []);
  const mean = caches.reduce((all, percent) => all + percent, 0) / caches.length;
  const quantiles = (field: LatencyField): Quantiles => {
    const buckets = mergeBuckets(served.flatMap((one) => one.buckets.get(field) ?? []));
    const [p50 = null, p95 = null, p99 = null] = [0.5, 0.95, 0.99].map((share) => {
      const value = quantile(buckets, share);
      if (value === 'beyond') onBeyond();
      return typeof value === 'number' ? round(value, 4) : null;
    });
    return { p50, p95, p99 };
  };
  return {
    requests_running: sum('running', 2),
    requests_waiting: sum('waiting', 2),
    requests_per_second: sum('requests', 3),
    errors_per_second: sum('errors', 3),
    input_tokens_per_second: sum('inputTokens', 3),
    output_tokens_per_second: sum('outputTokens', 3),
    cache_usage_percent: caches.length === 0 ? null : round(mean),
    time_to_first_token_seconds: quantiles('firstToken'),
    time_between_tokens_seconds: quantiles('betweenTokens'),
  };
}
