import { z } from 'zod';

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

const figure = z.number().nullable();

const quantilesSchema = z.object({ p50: figure, p95: figure, p99: figure });
/** Seconds within which half, 95 % and 99 % were; `null` without data, or beyond the largest bucket. */
export type Quantiles = z.infer<typeof quantilesSchema>;

const figures = {
  requests_running: figure,
  requests_waiting: figure,
  requests_per_second: figure.meta({
    description: 'Answered; without errors where the server tells',
  }),
  errors_per_second: figure,
  input_tokens_per_second: figure,
  output_tokens_per_second: figure,
  cache_usage_percent: figure.meta({ description: 'Of the KV cache: the mean over the replicas' }),
  time_to_first_token_seconds: quantilesSchema.meta({
    description: 'Of the last hour of the window, or of the window where it is shorter',
  }),
  time_between_tokens_seconds: quantilesSchema.meta({
    description: 'The same, of the time between tokens of an answer',
  }),
};

const servedModelSchema = z.object({
  model: z.string().nullable().meta({ description: 'As the server names it; null: it does not' }),
  namespace: z.string().nullable(),
  server: z.enum(inferenceServers),
  replicas: z.int().meta({ description: 'Instances that had a sample in the last 5 minutes' }),
  ...figures,
});
/** A model as one kind of server in one namespace serves it. */
export type ServedModel = z.infer<typeof servedModelSchema>;

/**
 * The models that a cluster serves, at the end of the window. A figure that no server tells is `null`; sums are of
 * those that tell it.
 */
export const inferenceSchema = z.object({ ...figures, models: z.array(servedModelSchema) });
export type Inference = z.infer<typeof inferenceSchema>;
/** What a model and the whole cluster have. */
export type InferenceFigures = Omit<Inference, 'models'>;
