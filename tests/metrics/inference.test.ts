import { describe, expect, it } from '@jest/globals';
import type { Inference, ServedModel } from '@bud-monitoring/contracts';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { expositionSeries } from './support/exposition.js';
import { nodeSeries } from './support/exporter.js';
import { expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const id = (number: number) => `0e000000-0000-4000-8000-00000000000${number}`;
const bare = id(1);
const mixed = id(2);
const single = id(3);
const behind = id(4);
const proxied = id(5);
const empty = id(6);
const wrong = id(7);
const backend = id(8);
const spelled = id(9);

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 2 * 3600, interval: 30 };
const replica = (cluster: string, instance: string, more: Record<string, string> = {}) => ({
  ...{ cluster, instance, job: 'models', namespace: 'models' },
  ...more,
});

const vllm = (instance: string, more = {}) =>
  expositionSeries('vllm', replica(mixed, instance, more));
const renamed = (all: KnownSeries[], prefix: string) =>
  all.map((one) => ({ ...one, name: one.name.replace('vllm:', prefix) }));

/** Requests a second up to each bound of the time to the first token. */
const firstTokens = (instance: string, model_name: string, bounds: Record<string, number>) =>
  Object.entries(bounds).map(([le, perSecond]) =>
    series(
      'vllm:time_to_first_token_seconds_bucket',
      replica(spelled, instance, { model_name, le }),
      ramp(perSecond),
    ),
  );

const all: KnownSeries[] = [
  // The agent of one replica writes bounds as integers; of another model one has other bounds.
  ...firstTokens('10.9.0.1:8000', 'alike', { '1': 5, '2': 10, '+Inf': 10 }),
  ...firstTokens('10.9.0.2:8000', 'alike', { '1.0': 5, '2.0': 10, '+Inf': 10 }),
  ...firstTokens('10.9.0.3:8000', 'unlike', { '0.5': 1, '1.0': 6, '4.0': 8, '+Inf': 10 }),
  ...firstTokens('10.9.0.4:8000', 'unlike', { '1.0': 6, '2.0': 9, '4.0': 10, '+Inf': 10 }),
  ...nodeSeries({ cluster: bare, job: 'node-exporter', instance: '10.1.0.1:9100' }),
  ...nodeSeries({ cluster: mixed, job: 'node-exporter', instance: '10.1.0.2:9100' }),
  ...vllm('10.2.0.1:8000'),
  // Two jobs scrape the same replica.
  ...vllm('10.2.0.2:8000'),
  ...vllm('10.2.0.2:8000', { job: 'models-again', pod: 'x' }),
  ...renamed(vllm('10.2.0.3:8000', { namespace: 'ray' }), 'ray_vllm_'),
  ...expositionSeries('vllm-old', replica(mixed, '10.2.0.4:8000')),
  ...expositionSeries('sglang', replica(mixed, '10.2.0.5:30000')),
  ...expositionSeries('tensorrt-llm', replica(mixed, '10.2.0.6:8000')),
  ...expositionSeries('tgi', replica(mixed, '10.2.0.7:80')),
  ...expositionSeries('llama.cpp', replica(mixed, '10.2.0.8:8080')),
  ...expositionSeries('triton', replica(mixed, '10.2.0.9:8002')),
  // What stands before them says the same once more.
  ...expositionSeries('endpoint-picker', replica(mixed, '10.2.0.10:9090')),
  ...expositionSeries('litellm', replica(mixed, '10.2.0.11:4000')),
  ...expositionSeries('llama.cpp', replica(single, '10.3.0.1:8080')),
  ...expositionSeries('endpoint-picker', replica(behind, '10.4.0.1:9090')),
  ...expositionSeries('litellm', replica(proxied, '10.5.0.1:4000')),
  // Gone for half an hour.
  series('vllm:num_requests_running', replica(empty, '10.6.0.1:8000', { model_name: 'x' }), (at) =>
    at < 5400 ? 1 : undefined,
  ),
  series(
    'vllm:kv_cache_usage_perc',
    replica(wrong, '10.7.0.1:8000', { model_name: 'x' }),
    constant(73),
  ),
  // vLLM inside of Triton, with Triton's labels.
  ...expositionSeries('triton', replica(backend, '10.8.0.1:8002')),
  series(
    'vllm:request_success_total',
    replica(backend, '10.8.0.1:8002', { model: 'ensemble', version: '1', finished_reason: 'stop' }),
    ramp(2),
  ),
  series(
    'vllm:num_requests_running',
    replica(backend, '10.8.0.1:8002', { model: 'ensemble', version: '1' }),
    constant(5),
  ),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  const inferenceOf = async (cluster: string, query = 'metric_type=inference') => {
    const { cluster_summary: summary, warnings } = await service.metrics(cluster, query);
    return { inference: summary.inference, warnings };
  };
  const modelOf = ({ models }: Inference, server: string, model: string | null, at = 'models') =>
    models.find((one) => one.server === server && one.model === model && one.namespace === at)!;
  const llama = 'meta-llama/Llama-3.1-8B-Instruct';

  it('adds up the replicas and engines of a model, each once', async () => {
    const { inference } = await inferenceOf(mixed);
    const model: ServedModel = modelOf(inference!, 'vllm', llama);
    expect(model).toMatchObject({
      replicas: 2,
      requests_running: 28,
      requests_waiting: 6,
      cache_usage_percent: 37.5,
    });
    expectNear(model.input_tokens_per_second, (2 * 2_700_000) / 3600);
    expectNear(model.output_tokens_per_second, (2 * 540_000) / 3600);
    expectNear(model.requests_per_second, (2 * 2 * 1800) / 3600);
    expectNear(model.errors_per_second, (2 * 2 * 18) / 3600);
    const first = model.time_to_first_token_seconds;
    expectNear(first.p50, 0.04);
    expectNear(first.p95, 0.08 + (0.17 * (0.95 * 1800 - 1620)) / 162);
    expectNear(first.p99, 0.25);
    const between = model.time_between_tokens_seconds;
    expectNear(between.p50, 0.025);
    expectNear(between.p95, 0.05);
  });

  it('reads a relay and an older release as it reads the server', async () => {
    const { inference } = await inferenceOf(mixed);
    expect(modelOf(inference!, 'vllm', llama, 'ray')).toMatchObject({
      replicas: 1,
      requests_running: 14,
    });
    const old = modelOf(inference!, 'vllm', 'mistral-7b');
    expect(old).toMatchObject({ requests_running: 4, cache_usage_percent: 90 });
    expect(old).toMatchObject({ requests_per_second: null, errors_per_second: null });
    expectNear(old.output_tokens_per_second, 2);
    expectNear(old.time_between_tokens_seconds.p50, 0.015, 0.001);
  });

  it('counts ranks that repeat the same once, and says no latency above the largest bucket', async () => {
    const { inference, warnings } = await inferenceOf(mixed);
    const model = modelOf(inference!, 'sglang', 'Qwen/Qwen3-32B');
    expect(model).toMatchObject({ requests_running: 15, requests_waiting: 1 });
    expect(model).toMatchObject({ cache_usage_percent: 29, errors_per_second: null });
    expectNear(model.input_tokens_per_second, 200);
    expect(model.time_to_first_token_seconds).toEqual({ p50: null, p95: null, p99: null });
    expectNear(model.time_between_tokens_seconds.p50, 0.01, 0.001);
    const beyond = warnings.filter(({ code }) => code === 'beyond_buckets');
    expect(beyond.map(({ message }) => message)).toEqual([expect.stringContaining('Qwen')]);
  });

  it('reads the servers that name no model, and those of other kinds', async () => {
    const { inference } = await inferenceOf(mixed);
    const tensorrt = modelOf(inference!, 'tensorrt-llm', 'deepseek-r1');
    expect(tensorrt).toMatchObject({ requests_running: 7, cache_usage_percent: 40 });
    expectNear(tensorrt.requests_per_second, 0.11);
    expectNear(tensorrt.time_to_first_token_seconds.p50, 0.3);
    const tgi = modelOf(inference!, 'tgi', null);
    expect(tgi).toMatchObject({ requests_running: 5, requests_waiting: 2 });
    expect(tgi).toMatchObject({ cache_usage_percent: null });
    expectNear(tgi.input_tokens_per_second, 30);
    expectNear(tgi.errors_per_second, 0.01);
    expectNear(tgi.time_between_tokens_seconds.p50, 0.02, 0.001);
    const triton = modelOf(inference!, 'triton', 'ensemble');
    expect(triton).toMatchObject({ requests_running: 9, requests_waiting: 2 });
    expect(triton).toMatchObject({ cache_usage_percent: 62, output_tokens_per_second: null });
    expectNear(triton.requests_per_second, 1);
    expectNear(triton.errors_per_second, 0.01);
    expectNear(triton.time_to_first_token_seconds.p50, 0.1, 0.001);
    expect(modelOf(inference!, 'triton', 'resnet50')).toMatchObject({ requests_running: null });
  });

  it('adds up the cluster without what gateways repeat', async () => {
    const { inference } = await inferenceOf(mixed);
    const servers = new Set(inference!.models.map(({ server }) => server));
    expect([...servers].sort()).toEqual([
      ...['llama.cpp', 'sglang', 'tensorrt-llm', 'tgi', 'triton', 'vllm'],
    ]);
    expect(inference!.requests_running).toBe(3 * 14 + 4 + 15 + 7 + 5 + 1 + 9);
    expectNear(
      inference!.output_tokens_per_second,
      (3 * 540_000 + 7200 + 360_000 + 36_000 + 36_000 + 18_000) / 3600,
    );
  });

  it('tells of gateways where no server is seen', async () => {
    const picker = (await inferenceOf(behind)).inference!;
    expect(picker.models.map(({ model, server }) => [model, server])).toEqual([
      ['food-review', 'endpoint-picker'],
    ]);
    expect(picker).toMatchObject({ requests_running: 6, requests_waiting: null });
    expectNear(picker.input_tokens_per_second, 200);
    expectNear(picker.errors_per_second, 0.01);
    const proxy = (await inferenceOf(proxied)).inference!;
    expect(proxy.models.map(({ model }) => model)).toEqual(['gpt-4o']);
    expectNear(proxy.input_tokens_per_second, 30);
    expectNear(proxy.requests_per_second, 0.2);
  });

  it('tells no figure that no server tells', async () => {
    const { inference } = await inferenceOf(single);
    expect(inference).toMatchObject({
      requests_running: 1,
      requests_waiting: 4,
      errors_per_second: null,
      requests_per_second: null,
      cache_usage_percent: null,
      time_to_first_token_seconds: { p50: null, p95: null, p99: null },
    });
    expectNear(inference!.output_tokens_per_second, 5);
  });

  it('is absent where nothing is served, empty where nothing is any more, and part of all', async () => {
    const none = await inferenceOf(bare);
    expect(none.inference).toBeUndefined();
    expect(none.warnings).toContainEqual(
      expect.objectContaining({ code: 'no_data', metric: 'inference' }),
    );
    const { inference: gone, warnings } = await inferenceOf(empty);
    expect(gone).toMatchObject({ models: [], requests_running: null });
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'no_data', metric: 'inference' }),
    );
    const everything = await inferenceOf(mixed, 'series=false');
    expect(everything.inference?.models.length).toBeGreaterThan(5);
    expect((await inferenceOf(bare, 'series=false')).warnings).not.toContainEqual(
      expect.objectContaining({ metric: 'inference' }),
    );
    expect((await inferenceOf(mixed, 'node=10.1.0.2:9100')).inference).toBeUndefined();
  });

  it('counts what a server and the one inside of it say of a model once', async () => {
    const { inference } = await inferenceOf(backend);
    expect(inference).toMatchObject({ requests_running: 5, requests_waiting: 5 });
    expectNear(inference!.requests_per_second, 2 + 10);
  });

  it('adds up the buckets of replicas by bounds that all have, however they are written', async () => {
    const { inference } = await inferenceOf(spelled);
    const of = (model: string) => modelOf(inference!, 'vllm', model).time_to_first_token_seconds;
    expect(of('alike').p50).toBeCloseTo(1, 3);
    expect(of('alike').p95).toBeCloseTo(1.9, 3);
    // Of 20 a second 12 are below 1 s and 18 below 4.
    expect(of('unlike').p50).toBeCloseTo(10 / 12, 3);
    expect(of('unlike').p95).toBeNull();
  });

  it('does not tell a share that cannot be', async () => {
    const { inference, warnings } = await inferenceOf(wrong);
    expect(inference).toMatchObject({ cache_usage_percent: null });
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'implausible_value', metric: 'inference' }),
    );
  });
});
