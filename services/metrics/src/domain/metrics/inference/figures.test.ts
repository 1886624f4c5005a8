import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { lintScope } from '@bud-monitoring/promql';
import { clusterScope } from '../../promql/scope.js';
import { endReading } from '../../targets/instant-reading.js';
import {
  inferenceCounters,
  inferenceGauges,
  inferenceMetricNames,
  latencyBuckets,
} from './figures.js';

const cluster = clusterIdSchema.parse('11111111-1111-4111-8111-111111111111');
const names = [
  ...['vllm:num_requests_running', 'ray_vllm:num_requests_running', 'tgi_request_failure'],
  ...['vllm:request_success_total', 'sglang:token_usage', 'trtllm_prompt_tokens_total'],
  ...['vllm:inter_token_latency_seconds_bucket', 'vllm:time_per_output_token_seconds_bucket'],
  ...['nv_trt_llm_request_metrics', 'llamacpp:requests_deferred', 'inference_model_request_total'],
];
const scope = clusterScope(cluster, { networkDeviceExclude: '' }, new Set(names));
const figures = [
  ...inferenceGauges(scope, endReading),
  ...inferenceCounters(scope).map(({ figure, expr }) => ({
    figure,
    expr: expr((selected) => `rate(${selected}[5m])`),
  })),
  ...latencyBuckets(scope, 3600),
];

describe('the figures of inference', () => {
  it('read nothing of another cluster, and only what the cluster has', () => {
    expect(figures.length).toBeGreaterThan(9);
    for (const { expr } of figures) expect(lintScope(expr, cluster)).toEqual([]);
    const asked = figures.flatMap(({ expr }) =>
      names.filter((name) => expr.includes(`${name}{`) && scope.has(name)),
    );
    expect(new Set(asked)).toEqual(new Set(names));
  });

  it('are looked for under every prefix, and nothing else is', () => {
    const known = new RegExp(`^(?:${inferenceMetricNames.join('|')})$`);
    expect(names.filter((name) => !known.test(name))).toEqual([]);
    for (const other of ['vllm:cache_config_info', 'nv_gpu_utilization', 'node_load1'])
      expect(other).not.toMatch(known);
  });
});
