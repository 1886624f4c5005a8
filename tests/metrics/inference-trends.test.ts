import { describe, expect, it } from '@jest/globals';
import type { Inference, TimeSeries } from '@bud-monitoring/contracts';
import { constant, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const cluster = '0e000000-0000-4000-8000-000000000021';
const gateways = '0e000000-0000-4000-8000-000000000022';
const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const length = 7200;
const sampled = { start: end - length, interval: 30 };
/** Seconds since the first sample at which the last ten minutes begin. */
const now = length - 600;

type ValueAt = Exclude<KnownSeries['values'], string>;
const from =
  (start: number, values: ValueAt): ValueAt =>
  (at, time) =>
    at >= start ? values(at, time) : undefined;
const until =
  (stop: number, values: ValueAt): ValueAt =>
  (at, time) =>
    at <= stop ? values(at, time) : undefined;
/** A gauge that changes when the last ten minutes begin. */
const changing = (before: number, after: number) => (at: number) => (at > now ? after : before);
/** A counter whose growth a second changes then. */
const growing = (before: number, after: number) => (at: number) =>
  before * Math.min(at, now) + after * Math.max(0, at - now);

const replica = (instance: string, model: string, more: Record<string, string> = {}) => ({
  cluster,
  job: 'models',
  namespace: 'models',
  instance,
  model_name: model,
  ...more,
});
const first = replica('10.2.0.1:8000', 'large', { engine: '0' });
const second = replica('10.2.0.2:8000', 'large', { engine: '0' });
const small = (more: Record<string, string>) => replica('10.2.0.3:8000', 'small', more);
const gone = replica('10.2.0.4:8000', 'gone', { engine: '0' });

const ttft = 'vllm:time_to_first_token_seconds_bucket';
const all: KnownSeries[] = [
  ...nodeSeries({ cluster, job: 'node-exporter', instance: '10.1.0.1:9100' }),
  series('vllm:num_requests_running', first, changing(4, 8)),
  series('vllm:generation_tokens_total', first, growing(10, 20)),
  // It was updated meanwhile: the old name ends where the new one begins.
  series('vllm:gpu_cache_usage_perc', first, until(now - 300, constant(0.3))),
  series('vllm:kv_cache_usage_perc', first, from(now - 300, constant(0.5))),
  // It came five minutes ago.
  series('vllm:num_requests_running', second, from(length - 300, constant(6))),
  series(
    'vllm:generation_tokens_total',
    second,
    from(length - 300, (at) => 40 * at),
  ),
  series('vllm:kv_cache_usage_perc', second, from(length - 300, constant(0.8))),
  // Two engines, which two jobs scrape.
  ...['models', 'models-again'].flatMap((job) =>
    ['0', '1'].map((engine) =>
      series('vllm:num_requests_running', small({ engine, job }), constant(1)),
    ),
  ),
  // It left in the middle of the ten minutes before.
  series('vllm:num_requests_running', gone, until(length - 930, constant(10))),
  // What stands before them says the same once more.
  series('inference_model_running_requests', { cluster, instance: 'epp:9090' }, constant(16)),
  ...[
    ['0.1', growing(0, 8)] as const,
    ['0.2', growing(8, 10)] as const,
    ['+Inf', growing(10, 10)] as const,
  ].map(([le, values]) => series(ttft, { ...first, le }, values)),
  series(
    'inference_model_running_requests',
    { cluster: gateways, instance: 'epp:9090', model_name: 'chat' },
    changing(2, 3),
  ),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  const inferenceOf = async (query: string, of = cluster): Promise<Inference> => {
    const { cluster_summary: summary } = await service.metrics(of, query);
    return summary.inference!;
  };
  const trendsOf = ({ models }: Inference, name: string) =>
    models.find(({ model }) => model === name)!.trends;
  const valuesOf = (points: TimeSeries | undefined) =>
    (points as { value: number | null }[]).map(({ value }) => value);
  const tenMinutes = 'metric_type=inference&time_range=10min';

  it('tells means over the window, each replica for the time it was there', async () => {
    const trends = trendsOf(await inferenceOf(tenMinutes), 'large');
    const running = trends.requests_running;
    expectNear(running.average, 8 + 6 / 2, 0.06);
    expectNear(running.previous_average, 4);
    expectNear(running.change_percent, 175, 0.06);
    expectNear(trends.output_tokens_per_second.average, 20 + 40 / 2, 0.06);
    expectNear(trends.output_tokens_per_second.previous_average, 10);
    expect(trends.errors_per_second).toMatchObject({ average: null, change_percent: null });
  });

  it('means a share over the replicas, in points, whatever the name is', async () => {
    const { cache_usage_percent: cache } = trendsOf(await inferenceOf(tenMinutes), 'large');
    expectNear(cache.average, (50 * 600 + 80 * 300) / 900, 0.03);
    expectNear(cache.previous_average, 40, 0.03);
    expectNear(cache.change_percent, cache.average! - cache.previous_average!);
  });

  it('counts engines, jobs and gateways once, and compares with all that was served', async () => {
    const inference = await inferenceOf(tenMinutes);
    expect(inference.models.map(({ model }) => model)).toEqual(['large', 'small']);
    expectNear(trendsOf(inference, 'small').requests_running.average, 2);
    expectNear(inference.trends.requests_running.average, 8 + 6 / 2 + 2, 0.06);
    expectNear(inference.trends.requests_running.previous_average, 4 + 2 + (10 * 270) / 600, 0.06);
  });

  it('has points in the form that was asked for', async () => {
    const { trends } = await inferenceOf(tenMinutes);
    const running = valuesOf(trends.requests_running.time_series);
    expect(running).toHaveLength(21);
    expect([running[0], running[5], running.at(-1)]).toEqual([6, 10, 16]);
    expectNear(valuesOf(trends.output_tokens_per_second.time_series).at(-1), 60, 0.01);
    const columns = (await inferenceOf(`${tenMinutes}&series=columns`)).trends;
    expect(columns.requests_running.time_series).toMatchObject({
      form: 'columns',
      values: running,
    });
    const bare = (await inferenceOf(`${tenMinutes}&series=false`)).trends;
    expect(bare.requests_running).not.toHaveProperty('time_series');
  });

  it('has means of long steps as points', async () => {
    const range = `metric_type=inference&start=${end - 3600}&end=${end}&step=600`;
    const { trends } = await inferenceOf(range);
    const tokens = valuesOf(trends.output_tokens_per_second.time_series);
    expect(tokens).toHaveLength(7);
    expectNear(tokens.at(-2), 10);
    // Each replica's mean of the time it was there, as of nodes.
    expectNear(tokens.at(-1), 60, 0.01);
    expectNear(trends.output_tokens_per_second.average, (3000 * 10 + 600 * 40) / 3600, 0.06);
  });

  it('compares latencies with the end of the window before', async () => {
    const inference = await inferenceOf(tenMinutes);
    expectNear(inference.time_to_first_token_seconds.p50, 0.0625, 0.001);
    expectNear(inference.trends.previous_latencies.time_to_first_token_seconds.p50, 0.1625, 0.001);
  });

  it('tells the trends of gateways where no server is seen', async () => {
    const { trends } = await inferenceOf(tenMinutes, gateways);
    expectNear(trends.requests_running.average, 3);
    expectNear(trends.requests_running.previous_average, 2);
  });

  it('is part of all, and of no answer about some nodes', async () => {
    const { trends } = await inferenceOf('time_range=10min&series=false');
    expectNear(trends.requests_running.previous_average, 4 + 2 + (10 * 270) / 600, 0.06);
    expect(await inferenceOf('time_range=10min&node=10.1.0.1:9100')).toBeUndefined();
  });
});
