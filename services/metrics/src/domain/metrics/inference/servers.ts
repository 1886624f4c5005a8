import type { LabelMatcher } from '@bud-monitoring/promql';
import { latency, reading, type InferenceEngine } from './engine.js';

const finished = (op: '=~' | '!~', value: string): LabelMatcher => ({
  label: 'finished_reason',
  op,
  value,
});

const vllm: InferenceEngine = {
  server: 'vllm',
  // Ray's and KServe's spellings; an OpenTelemetry collector makes the colon an underscore.
  prefixes: ['vllm:', 'vllm_', 'ray_vllm:', 'ray_vllm_', 'kserve_vllm:'],
  // As a backend of Triton it has Triton's label.
  models: ['model_name', 'model'],
  parts: ['engine', 'finished_reason', 'version', 'WorkerId', 'ReplicaId'],
  gauges: {
    running: reading('num_requests_running'),
    waiting: reading('num_requests_waiting'),
    cache: [...reading('kv_cache_usage_perc'), ...reading('gpu_cache_usage_perc')],
  },
  counters: {
    inputTokens: reading('prompt_tokens_total'),
    outputTokens: reading('generation_tokens_total'),
    requests: reading('request_success_total', finished('!~', 'abort|error')),
    errors: reading('request_success_total', finished('=~', 'error')),
  },
  latencies: {
    firstToken: [latency('time_to_first_token_seconds')],
    betweenTokens: [
      latency('inter_token_latency_seconds'),
      latency('time_per_output_token_seconds'),
    ],
  },
};

const sglang: InferenceEngine = {
  server: 'sglang',
  prefixes: ['sglang:', 'sglang_'],
  models: ['model_name', 'name'],
  parts: ['dp_rank', 'engine_type'],
  copies: ['tp_rank', 'pp_rank', 'moe_ep_rank', 'pid'],
  gauges: {
    running: reading('num_running_reqs'),
    waiting: reading('num_queue_reqs'),
    cache: reading('token_usage'),
  },
  counters: {
    inputTokens: reading('prompt_tokens_total'),
    outputTokens: reading('generation_tokens_total'),
    requests: reading('num_requests_total'),
  },
  latencies: {
    firstToken: [latency('time_to_first_token_seconds')],
    betweenTokens: [
      latency('inter_token_latency_seconds'),
      latency('time_per_output_token_seconds'),
    ],
  },
};

const tensorrt: InferenceEngine = {
  server: 'tensorrt-llm',
  prefixes: ['trtllm_', 'trtllm:'],
  models: ['model_name'],
  parts: ['engine_type', 'finished_reason'],
  gauges: {
    running: reading('num_requests_running'),
    waiting: reading('num_requests_waiting'),
    cache: reading('kv_cache_utilization'),
  },
  counters: {
    inputTokens: reading('prompt_tokens_total'),
    outputTokens: reading('generation_tokens_total'),
    requests: reading('request_success_total'),
  },
  latencies: {
    firstToken: [latency('time_to_first_token_seconds')],
    betweenTokens: [latency('time_per_output_token_seconds')],
  },
};

const tgi: InferenceEngine = {
  server: 'tgi',
  prefixes: ['tgi_'],
  models: [],
  parts: ['method', 'err'],
  gauges: { running: reading('batch_current_size'), waiting: reading('queue_size') },
  counters: {
    inputTokens: reading('request_input_length_sum'),
    outputTokens: reading('request_generated_tokens_sum'),
    requests: reading('request_success'),
    errors: reading('request_failure'),
  },
  // Of a request the mean: the server tells no other.
  latencies: { betweenTokens: [latency('request_mean_time_per_token_duration')] },
};

const llamaCpp: InferenceEngine = {
  server: 'llama.cpp',
  prefixes: ['llamacpp:', 'llamacpp_'],
  models: ['model'],
  parts: [],
  gauges: {
    running: reading('requests_processing'),
    waiting: reading('requests_deferred'),
    cache: reading('kv_cache_usage_ratio'),
  },
  counters: {
    inputTokens: reading('prompt_tokens_total'),
    outputTokens: reading('tokens_predicted_total'),
  },
  latencies: {},
};

const ofKind = (label: string, value: string): LabelMatcher => ({ label, op: '=', value });

const triton: InferenceEngine = {
  server: 'triton',
  prefixes: ['nv_'],
  models: ['model'],
  parts: ['version', 'gpu_uuid', 'reason', 'request_type', 'kv_cache_block_type'],
  gauges: {
    running: reading('trt_llm_request_metrics', ofKind('request_type', 'scheduled')),
    waiting: [
      ...reading('trt_llm_request_metrics', ofKind('request_type', 'waiting')),
      ...reading('inference_pending_request_count'),
    ],
    cache: reading('trt_llm_kv_cache_block_metrics', ofKind('kv_cache_block_type', 'fraction')),
  },
  counters: {
    requests: reading('inference_request_success'),
    errors: reading('inference_request_failure'),
  },
  latencies: { firstToken: [latency('inference_first_response_histogram_ms', 1e-3)] },
};

/** Servers that run models. */
export const modelServers: readonly InferenceEngine[] = [
  vllm,
  sglang,
  tensorrt,
  tgi,
  llamaCpp,
  triton,
];
