import { z } from 'zod';
import { figure, optionalText } from './api/figure.js';
import { compared } from './api/time-series.js';

/** What serves models, or stands before what serves them. */
export const inferenceServers = [
  'vllm',
  'sglang',
  'tensorrt-llm',
  'tgi',
  'llama.cpp',
  'triton',
  'endpoint-picker',
  'litellm',
] as const;
export type InferenceServer = (typeof inferenceServers)[number];

const quantilesSchema = z.object({
  p50: figure('Half were faster, seconds'),
  p95: figure('95 % were faster, seconds'),
  p99: figure('99 % were faster, seconds'),
});
/** Seconds within which half, 95 % and 99 % were; `null` without data, or beyond the largest bucket. */
export type Quantiles = z.infer<typeof quantilesSchema>;

const latencies = {
  time_to_first_token_seconds: quantilesSchema.meta({
    description: 'Of the last hour of the window, or of the window where it is shorter',
  }),
  time_between_tokens_seconds: quantilesSchema.meta({
    description: 'The same, of the time between tokens of an answer',
  }),
};

const trend = (description: string) => z.object(compared).meta({ description });

const trendsSchema = z
  .object({
    requests_running: trend('Requests under way'),
    requests_waiting: trend('Requests that are queued'),
    requests_per_second: trend('Requests that were answered, a second'),
    errors_per_second: trend('Requests that failed, a second'),
    input_tokens_per_second: trend('Tokens of prompts, a second'),
    output_tokens_per_second: trend('Generated tokens, a second'),
    cache_usage_percent: trend('Use of the KV cache: the mean over the replicas, percent'),
    previous_latencies: z.object(latencies).meta({
      description: 'The latencies at the end of the window that is compared with',
    }),
  })
  .meta({ id: 'InferenceTrends', description: 'The window, and the one it is compared with' });
export type InferenceTrends = z.infer<typeof trendsSchema>;
/** The figures that have means and series. */
export type InferenceTrendName = Exclude<keyof InferenceTrends, 'previous_latencies'>;

const figures = {
  requests_running: figure('Under way now'),
  requests_waiting: figure('Queued now'),
  requests_per_second: figure('Answered; without errors where the server tells'),
  errors_per_second: figure('Requests that failed'),
  input_tokens_per_second: figure('Tokens of prompts'),
  output_tokens_per_second: figure('Tokens that were generated'),
  cache_usage_percent: figure('Of the KV cache: the mean over the replicas'),
  ...latencies,
  trends: trendsSchema,
};

const servedModelSchema = z.object({
  model: z.string().nullable().meta({ description: 'As the server names it; null: it does not' }),
  namespace: optionalText('Where it is served'),
  server: z.enum(inferenceServers).meta({ description: 'What serves it' }),
  replicas: z.int().meta({ description: 'Instances that had a sample in the last 5 minutes' }),
  ...figures,
});
/** A model as one kind of server in one namespace serves it. */
export type ServedModel = z.infer<typeof servedModelSchema>;

/**
 * The models that a cluster serves, at the end of the window. A figure that no server tells is `null`; sums are of
 * those that tell it.
 */
export const inferenceSchema = z.object({
  ...figures,
  models: z.array(servedModelSchema).meta({ description: 'Each model by server and namespace' }),
});
export type Inference = z.infer<typeof inferenceSchema>;
/** What a model and the whole cluster have. */
export type InferenceFigures = Omit<Inference, 'models'>;
