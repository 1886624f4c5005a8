import { c, firstOf } from './queries.js';

/** Servers of models under all spellings: relays add to the prefix, and collectors replace its colon. */
const vllm = '(ray_|kserve_)?vllm[:_]';
const sglang = 'sglang[:_]';
const tensorrt = 'trtllm[:_]';
const llamaCpp = 'llamacpp[:_]';

const names = (...patterns: string[]): string => `__name__=~"${patterns.join('|')}", ${c}`;

/** Whatever a server calls them: `model` and `replica`, the pod or else the instance. */
function named(expr: string): string {
  const replace = (inner: string, to: string, from: string) =>
    `label_replace(${inner}, "${to}", "$1", "${from}", "(.+)")`;
  return replace(
    replace(replace(expr, 'model', 'model_name'), 'replica', 'instance'),
    'replica',
    'pod',
  );
}

/** Parts of a replica, whose values add up; everything else repeats the same. */
const parts = 'engine, dp_rank, version, finished_reason, method, err, reason';

/** One series a replica's part and model, with these labels besides. */
const once = (expr: string, more = ''): string =>
  `max by (model, replica, ${parts}${more}) (${named(expr)})`;

const sumBy = (by: string, expr: string): string => `sum by (${by}) (${once(expr)})`;

const rate = (matchers: string): string => `rate({${matchers}}[$__rate_interval])`;

/** Requests that run, by labels such as `model`. */
export const running = (by: string): string =>
  firstOf(
    sumBy(
      by,
      `{${names(
        `${vllm}num_requests_running`,
        `${sglang}num_running_reqs`,
        `${tensorrt}num_requests_running`,
        'tgi_batch_current_size',
        `${llamaCpp}requests_processing`,
      )}}`,
    ),
    sumBy(by, `nv_trt_llm_request_metrics{${c}, request_type="scheduled"}`),
  );

/** Requests that wait. */
export const waiting = (by: string): string =>
  firstOf(
    sumBy(
      by,
      `{${names(
        `${vllm}num_requests_waiting`,
        `${sglang}num_queue_reqs`,
        `${tensorrt}num_requests_waiting`,
        'tgi_queue_size',
        `${llamaCpp}requests_deferred`,
      )}}`,
    ),
    sumBy(by, `nv_trt_llm_request_metrics{${c}, request_type="waiting"}`),
  );

/** Share of the KV cache in use: of a replica's parts the mean. */
export const cacheUse = (by: string): string =>
  firstOf(
    ...[
      `{${names(
        `${vllm}kv_cache_usage_perc`,
        `${sglang}token_usage`,
        `${tensorrt}kv_cache_utilization`,
      )}}`,
      `{${names(`${vllm}gpu_cache_usage_perc`, `${llamaCpp}kv_cache_usage_ratio`)}}`,
      `nv_trt_llm_kv_cache_block_metrics{${c}, kv_cache_block_type="fraction"}`,
    ].map((series) => `avg by (${by}) (${once(series)})`),
  );

/** Tokens a second of prompts. */
export const tokensIn = (by: string): string =>
  sumBy(
    by,
    rate(
      names(
        `(${vllm}|${sglang}|${tensorrt}|${llamaCpp})prompt_tokens_total`,
        'tgi_request_input_length_sum',
      ),
    ),
  );

/** Tokens a second of answers. */
export const tokensOut = (by: string): string =>
  sumBy(
    by,
    rate(
      names(
        `(${vllm}|${sglang}|${tensorrt})generation_tokens_total`,
        `${llamaCpp}tokens_predicted_total`,
        'tgi_request_generated_tokens_sum',
      ),
    ),
  );

/** Requests answered a second. */
export const answered = (by: string): string =>
  firstOf(
    sumBy(by, rate(`${names(`${vllm}request_success_total`)}, finished_reason!~"abort|error"`)),
    sumBy(
      by,
      rate(
        names(
          `${sglang}num_requests_total`,
          `${tensorrt}request_success_total`,
          'tgi_request_success',
          'nv_inference_request_success',
        ),
      ),
    ),
  );

/** Requests a second that ended in an error, of the servers that count them. */
export const failed = (by: string): string =>
  firstOf(
    sumBy(by, rate(`${names(`${vllm}request_success_total`)}, finished_reason="error"`)),
    sumBy(by, rate(names('tgi_request_failure', 'nv_inference_request_failure'))),
  );

/** A quantile in seconds, by model, of the first of these histograms that a cluster has. */
function quantile(share: number, ...histograms: string[]): string {
  return firstOf(
    ...histograms.map(
      (pattern) =>
        `histogram_quantile(${share}, sum by (model, le) (${once(rate(names(pattern)), ', le')}))`,
    ),
  );
}

/** Quantiles of the time to the first token. */
export const firstToken = (share: number): string =>
  quantile(share, `(${vllm}|${sglang}|${tensorrt})time_to_first_token_seconds_bucket`);

/** Quantiles of the time between tokens; older releases have another name for it. */
export const betweenTokens = (share: number): string =>
  quantile(
    share,
    `(${vllm}|${sglang})inter_token_latency_seconds_bucket`,
    `(${vllm}|${sglang}|${tensorrt})time_per_output_token_seconds_bucket|tgi_request_mean_time_per_token_duration_bucket`,
  );

const picker = '(llm_d_(router_)?epp|inference_objective|inference_model)_request';

/** Requests a second at gateways, and of these in error. */
export const atGateways = (kind: 'total' | 'error_total'): string =>
  `sum by (model) (max by (model, replica, error_code, priority, target_model_name) (${named(rate(names(`${picker}_${kind}`)))}))`;
