import { latency, reading, type InferenceEngine } from './engine.js';

/** The endpoint picker of the Gateway API's inference extension, by its names since 2025. */
const endpointPicker: InferenceEngine = {
  server: 'endpoint-picker',
  prefixes: ['llm_d_epp_', 'llm_d_router_epp_', 'inference_objective_', 'inference_model_'],
  models: ['model_name', 'target_model_name'],
  parts: ['priority', 'fairness_id', 'flow_id', 'error_code'],
  isGateway: true,
  gauges: { running: reading('running_requests') },
  counters: {
    inputTokens: [...reading('request_input_tokens_sum'), ...reading('input_tokens_sum')],
    outputTokens: [...reading('request_output_tokens_sum'), ...reading('output_tokens_sum')],
    requests: reading('request_total'),
    errors: reading('request_error_total'),
  },
  latencies: {
    firstToken: [latency('request_ttft_seconds')],
    betweenTokens: [latency('normalized_time_per_output_token_seconds')],
  },
};

const litellm: InferenceEngine = {
  server: 'litellm',
  prefixes: ['litellm_'],
  models: ['requested_model', 'model'],
  parts: [
    ...['end_user', 'user', 'user_email', 'team', 'team_alias', 'hashed_api_key', 'api_key_alias'],
    ...['status_code', 'exception_status', 'exception_class', 'route', 'model_id', 'model_group'],
    ...['api_base', 'api_provider', 'client_ip', 'user_agent'],
  ],
  isGateway: true,
  gauges: {},
  counters: {
    inputTokens: reading('input_tokens_metric_total'),
    outputTokens: reading('output_tokens_metric_total'),
    requests: reading('proxy_total_requests_metric_total'),
    errors: reading('proxy_failed_requests_metric_total'),
  },
  latencies: { firstToken: [latency('llm_api_time_to_first_token_metric')] },
};

/** What stands before servers of models: it counts where no server of the cluster is seen. */
export const gateways: readonly InferenceEngine[] = [endpointPicker, litellm];
