import { createCollector } from '../cluster-context.js';
import type { ClusterContext, Collector } from '../cluster-context.js';
import type { MetricName } from '../metric-names.js';
import type { NodeSignals } from '../node-signals.js';
import { suffix } from '../../random.js';
import { scaled, wave } from '../signal.js';
import type { Signal } from '../signal.js';
import type { Labels, Series } from '../../types.js';

const NAMESPACE = 'serving';

/** Tokens that an answer has, and its question. */
const ANSWER = 250;
const QUESTION = 900;

/** What the nodes with GPUs serve: vLLM on NVIDIA's, SGLang on AMD's; and the gateway before them. */
export function inferenceSeries(context: ClusterContext): Series[] {
  const out = createCollector(context);
  let requests: Signal | null = null;
  for (const host of context.nodes) {
    const vendor = host.node.gpus[0]?.vendor;
    if (vendor !== 'nvidia' && vendor !== 'amd') continue;
    const models = vendor === 'nvidia' ? ['llama-3.1-70b', 'qwen3-32b'] : ['qwen3-32b'];
    for (const [index, model] of models.entries()) {
      const replica = replicaOf(context, host, model, 8000 + index);
      (vendor === 'nvidia' ? vllm : sglang)(out, replica);
      requests ??= replica.requests;
    }
  }
  const [host] = context.nodes;
  if (requests !== null && host !== undefined) gateway(out, context, host, requests);
  return out.series;
}

interface Replica {
  readonly host: NodeSignals;
  readonly labels: Labels;
  /** A second. */
  readonly requests: Signal;
  /** Share of what it can do at once. */
  readonly use: Signal;
}

function replicaOf(
  { fleet, cluster, nodes }: ClusterContext,
  host: NodeSignals,
  model: string,
  port: number,
): Replica {
  const key = [fleet.seed, cluster.id, host.node.name, model];
  const shape = { daily: 0.35, wobble: 0.15, peakHour: 15 };
  return {
    host,
    labels: {
      job: 'serving/models',
      namespace: NAMESPACE,
      pod: `${model.replaceAll('.', '-')}-${suffix(5, ...key)}`,
      container: 'server',
      endpoint: 'http',
      instance: `10.244.${nodes.indexOf(host)}.40:${port}`,
      model_name: model,
    },
    requests: wave({ mean: 3, ...shape }, ...key, 'requests'),
    use: wave({ mean: 0.5, ...shape }, ...key, 'use'),
  };
}

/** Shares of observations up to each bound, seconds. */
const FIRST_TOKEN: [string, number][] = [
  ...([
    ['0.02', 0.01],
    ['0.04', 0.1],
    ['0.08', 0.4],
    ['0.1', 0.55],
  ] as [string, number][]),
  ...([
    ['0.25', 0.86],
    ['0.5', 0.95],
    ['1.0', 0.985],
    ['2.5', 0.998],
  ] as [string, number][]),
  ...([
    ['5.0', 1],
    ['+Inf', 1],
  ] as [string, number][]),
];
const BETWEEN_TOKENS: [string, number][] = [
  ...([
    ['0.01', 0.2],
    ['0.025', 0.75],
    ['0.05', 0.95],
    ['0.075', 0.98],
  ] as [string, number][]),
  ...([
    ['0.1', 0.995],
    ['0.2', 1],
    ['+Inf', 1],
  ] as [string, number][]),
];

function vllm(out: Collector, { host, labels, requests, use }: Replica): void {
  const of = { ...labels, engine: '0' };
  const gauge = (name: MetricName, value: (t: number) => number) => {
    out.add('workload', name, of, host.gauge(value));
  };
  const counter = counterOf(out, host);
  gauge('vllm:num_requests_running', (t) => Math.round(24 * use.at(t)));
  gauge('vllm:num_requests_waiting', (t) => Math.max(0, Math.round(20 * (use.at(t) - 0.55))));
  gauge('vllm:kv_cache_usage_perc', (t) => use.at(t));
  counter('vllm:prompt_tokens_total', of, scaled(requests, QUESTION));
  counter('vllm:generation_tokens_total', of, scaled(requests, ANSWER));
  for (const [reason, share] of Object.entries({
    stop: 0.9,
    length: 0.08,
    abort: 0.015,
    error: 0.005,
  }))
    counter(
      'vllm:request_success_total',
      { ...of, finished_reason: reason },
      scaled(requests, share),
    );
  for (const [le, share] of FIRST_TOKEN)
    counter('vllm:time_to_first_token_seconds_bucket', { ...of, le }, scaled(requests, share));
  for (const [le, share] of BETWEEN_TOKENS)
    counter(
      'vllm:inter_token_latency_seconds_bucket',
      { ...of, le },
      scaled(requests, ANSWER * share),
    );
}

function sglang(out: Collector, { host, labels, requests, use }: Replica): void {
  const of = { ...labels, engine_type: 'unified', tp_rank: '0', pp_rank: '0' };
  const gauge = (name: MetricName, value: (t: number) => number) => {
    out.add('workload', name, of, host.gauge(value));
  };
  const counter = counterOf(out, host);
  gauge('sglang:num_running_reqs', (t) => Math.round(24 * use.at(t)));
  gauge('sglang:num_queue_reqs', (t) => Math.max(0, Math.round(20 * (use.at(t) - 0.6))));
  gauge('sglang:token_usage', (t) => use.at(t));
  counter('sglang:prompt_tokens_total', of, scaled(requests, QUESTION));
  counter('sglang:generation_tokens_total', of, scaled(requests, ANSWER));
  counter('sglang:num_requests_total', of, requests);
  for (const [le, share] of FIRST_TOKEN)
    counter('sglang:time_to_first_token_seconds_bucket', { ...of, le }, scaled(requests, share));
  for (const [le, share] of BETWEEN_TOKENS)
    counter(
      'sglang:inter_token_latency_seconds_bucket',
      { ...of, le },
      scaled(requests, ANSWER * share),
    );
}

/** The endpoint picker of the Gateway API's inference extension. */
function gateway(out: Collector, { cluster }: ClusterContext, host: NodeSignals, requests: Signal) {
  const of = {
    job: 'serving/gateway',
    namespace: NAMESPACE,
    pod: `endpoint-picker-${suffix(5, cluster.id, 'picker')}`,
    instance: '10.244.0.60:9090',
    model_name: 'assistant',
    target_model_name: 'llama-3.1-70b',
  };
  const counter = counterOf(out, host);
  counter('inference_objective_request_total', of, requests);
  counter(
    'inference_objective_request_error_total',
    { ...of, error_code: 'ModelServerError' },
    scaled(requests, 0.01),
  );
}

function counterOf(out: Collector, host: NodeSignals) {
  return (name: MetricName, labels: Labels, signal: Signal) => {
    out.add('workload', name, labels, host.counter(signal));
  };
}
