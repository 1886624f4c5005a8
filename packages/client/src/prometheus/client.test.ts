import { inspect } from 'node:util';

import { describe, expect, it } from '@jest/globals';

import { failureOf, startUpstream, type FakeUpstream, type Reply } from '../testing/upstream.js';
import { createPrometheusClient, type PrometheusOptions } from './client.js';

const clientOf = (upstream: FakeUpstream, options: Partial<PrometheusOptions> = {}) =>
  createPrometheusClient({ url: upstream.url, ...options });

const success = (data: unknown, more: object = {}): Reply => ({
  json: { status: 'success', data, ...more },
});
const vector = (...result: unknown[]) => success({ resultType: 'vector', result });
const matrix = (...result: unknown[]) => success({ resultType: 'matrix', result });
const refusal = (status: number, errorType: string, error = 'why'): Reply => ({
  status,
  json: { status: 'error', errorType, error },
});

const range = { start: 100, end: 160, step: 30 };

describe('query', () => {
  it('posts the query as a form, with a time limit below the deadline', async () => {
    await using upstream = await startUpstream({ 'POST /api/v1/query': vector() });
    await clientOf(upstream, { timeoutMs: 5_000 }).query('up{a="+&"}', { time: 1.5, limit: 3 });
    const form = new URLSearchParams(upstream.seen[0]?.body);
    const { timeout = '', ...rest } = Object.fromEntries(form);
    expect(rest).toEqual({ query: 'up{a="+&"}', time: '1.5', limit: '3' });
    expect(timeout).toMatch(/^\d+ms$/);
    expect(parseInt(timeout, 10)).toBeGreaterThan(4_000);
    expect(parseInt(timeout, 10)).toBeLessThanOrEqual(5_000);
  });

  it('reads values as text, NaN and the infinities included', async () => {
    const texts = ['1.5', '0', '-2e3', 'NaN', '+Inf', '-Inf'];
    const result = texts.map((text, i) => ({ metric: { i: String(i) }, value: [10.5, text] }));
    await using upstream = await startUpstream({ 'POST /api/v1/query': vector(...result) });
    const { series } = await clientOf(upstream).query('x');
    expect(series.map(({ value }) => value)).toEqual([1.5, 0, -2000, NaN, Infinity, -Infinity]);
    expect(series[1]).toEqual({ metric: { i: '1' }, time: 10.5, value: 0 });
  });

  it('takes an empty result for what it is', async () => {
    await using upstream = await startUpstream({ 'POST /api/v1/query': vector() });
    expect(await clientOf(upstream).query('x')).toEqual({ series: [], warnings: [], infos: [] });
    expect(upstream.seen).toHaveLength(1);
  });

  it('makes a scalar a series without labels', async () => {
    const data = { resultType: 'scalar', result: [7, '3'] };
    await using upstream = await startUpstream({ 'POST /api/v1/query': success(data) });
    const { series } = await clientOf(upstream).query('scalar(x)');
    expect(series).toEqual([{ metric: {}, time: 7, value: 3 }]);
  });

  it("takes the mark of VictoriaMetrics' cluster on a partial answer for a warning", async () => {
    const reply = success({ resultType: 'vector', result: [] }, { isPartial: true });
    await using upstream = await startUpstream({ 'POST /api/v1/query': reply });
    const { warnings } = await clientOf(upstream).query('x');
    expect(warnings).toEqual(['the answer is partial']);
  });

  it('passes warnings and infos on', async () => {
    const notes = { warnings: ['partial'], infos: ['not a counter'] };
    const reply = success({ resultType: 'vector', result: [] }, notes);
    await using upstream = await startUpstream({ 'POST /api/v1/query': reply });
    expect(await clientOf(upstream).query('x')).toEqual({ series: [], ...notes });
  });

  it('leaves native histograms out and says so', async () => {
    const reply = vector(
      { metric: { a: '1' }, histogram: [7, { count: '1', sum: '2', buckets: [] }] },
      { metric: { a: '2' }, value: [7, '1'] },
    );
    await using upstream = await startUpstream({ 'POST /api/v1/query': reply });
    const { series, infos } = await clientOf(upstream).query('x');
    expect(series).toEqual([{ metric: { a: '2' }, time: 7, value: 1 }]);
    expect(infos).toEqual([expect.stringContaining('native histograms left out of 1 series')]);
  });
});

describe('queryRange', () => {
  it('returns columns', async () => {
    const values = [
      [100, '1'],
      [130, 'NaN'],
      [160, '+Inf'],
    ];
    const reply = matrix({ metric: { a: 'b' }, values }, { metric: { a: 'c' }, values: [] });
    await using upstream = await startUpstream({ 'POST /api/v1/query_range': reply });
    expect((await clientOf(upstream).queryRange('x', range)).series).toEqual([
      { metric: { a: 'b' }, times: [100, 130, 160], values: [1, NaN, Infinity] },
      { metric: { a: 'c' }, times: [], values: [] },
    ]);
    expect(Object.fromEntries(new URLSearchParams(upstream.seen[0]?.body))).toMatchObject({
      query: 'x',
      start: '100',
      end: '160',
      step: '30',
    });
  });

  it('keeps the numbers of a series that has histograms too, and says so', async () => {
    const reply = matrix(
      { metric: {}, values: [[100, '1']], histograms: [[130, {}]] },
      { metric: { h: '1' }, histograms: [[130, {}]] },
    );
    await using upstream = await startUpstream({ 'POST /api/v1/query_range': reply });
    const { series, infos } = await clientOf(upstream).queryRange('x', range);
    expect(series).toEqual([{ metric: {}, times: [100], values: [1] }]);
    expect(infos).toEqual([expect.stringContaining('left out of 2 series')]);
  });
});

describe('an answer that cannot be used', () => {
  it.each<[string, Reply]>([
    ['HTML', { headers: { 'content-type': 'text/html' }, text: '<html>login</html>' }],
    ['nothing', { text: '' }],
    ['another JSON', { json: { ok: true } }],
    ['a redirect', { status: 302, headers: { location: '/login' } }],
    ['a wrong address', { status: 404, text: '404 page not found' }],
    ['a route without POST', { status: 405, text: 'no' }],
    ['a string', success({ resultType: 'string', result: [1, 'x'] })],
    ['a matrix', matrix()],
    ['an unknown type', success({ resultType: 'table', result: [] })],
    ['no list', success({ resultType: 'vector', result: {} })],
    ['null for a series', vector(null)],
    ['null for a sample', vector({ metric: {}, value: null })],
    ['a sample without a time', vector({ metric: {}, value: ['1', '1'] })],
    ['a sample that is a number', vector({ metric: {}, value: [1, 1] })],
    ['a sample that is no number', vector({ metric: {}, value: [1, 'one'] })],
    ['an empty sample', vector({ metric: {}, value: [1, ''] })],
    ['a series without labels', vector({ value: [1, '1'] })],
  ])('is %s', async (_what, reply) => {
    await using upstream = await startUpstream({ 'POST /api/v1/query': [reply] });
    const failure = await failureOf(clientOf(upstream).query('x'));
    expect(failure).toMatchObject({ name: 'UpstreamError', code: 'bad_answer' });
  });

  it.each<[string, Reply]>([
    ['a vector', vector()],
    ['null for samples', matrix({ metric: {}, values: null })],
    ['null for a sample', matrix({ metric: {}, values: [null] })],
  ])('is %s for a range', async (_what, reply) => {
    await using upstream = await startUpstream({ 'POST /api/v1/query_range': [reply] });
    const failure = await failureOf(clientOf(upstream).queryRange('x', range));
    expect(failure).toMatchObject({ code: 'bad_answer' });
  });
});

describe('an error of the store', () => {
  it.each<[Reply, string]>([
    [refusal(400, 'bad_data'), 'refused'],
    [refusal(422, 'execution'), 'refused'],
    [refusal(406, 'not_acceptable'), 'refused'],
    [refusal(503, 'timeout'), 'timeout'],
    [refusal(422, 'execution', 'expanding series: context deadline exceeded'), 'timeout'],
    [refusal(500, 'internal'), 'bad_answer'],
    [refusal(404, 'not_found'), 'not_found'],
    // VictoriaMetrics names the status.
    [refusal(422, '422'), 'refused'],
    [refusal(400, '400'), 'refused'],
    [refusal(401, 'unauthorized'), 'unauthorized'],
    [{ status: 401, text: 'Unauthorized' }, 'unauthorized'],
    [{ status: 403, text: 'Forbidden' }, 'forbidden'],
    [{ status: 413, text: 'Too large' }, 'refused'],
  ])('%j is %s, and asked once', async (reply, code) => {
    await using upstream = await startUpstream({ 'POST /api/v1/query': [reply] });
    const failure = await failureOf(clientOf(upstream).query('x'));
    expect(failure).toMatchObject({ upstream: 'prometheus', code, status: reply.status });
  });

  it('keeps the words of the store', async () => {
    const words = 'invalid parameter "query": 1:4: parse error: unexpected end of input';
    await using upstream = await startUpstream({
      'POST /api/v1/query': refusal(400, 'bad_data', words),
    });
    const failure = await failureOf(clientOf(upstream).query('up{'));
    expect(failure).toMatchObject({ code: 'refused', detail: words });
  });

  it('is tried again while the store starts up', async () => {
    const starting = { status: 503, text: 'Service Unavailable' };
    await using upstream = await startUpstream({
      'POST /api/v1/query': [starting, refusal(503, 'unavailable'), vector()],
    });
    expect((await clientOf(upstream).query('x')).series).toEqual([]);
  });

  it('is tried again when the store asks for it', async () => {
    const busy = { status: 429, headers: { 'retry-after': '0' }, text: 'busy' };
    await using upstream = await startUpstream({ 'POST /api/v1/query': [busy, vector()] });
    expect((await clientOf(upstream).query('x')).series).toEqual([]);
  });

  it('opens the breaker after five in a row, which can be watched', async () => {
    const states: string[] = [];
    await using upstream = await startUpstream({ 'POST /api/v1/query': refusal(500, 'internal') });
    const client = clientOf(upstream, {
      onCircuitState: (name, state) => states.push(name + state),
    });
    for (let i = 0; i < 5; i += 1) await failureOf(client.query('x'));
    expect(await failureOf(client.query('x'))).toMatchObject({
      code: 'circuit_open',
      retryAfterSeconds: 10,
    });
    expect(upstream.seen).toHaveLength(5);
    expect(states).toEqual(['prometheusopen']);
  });

  it('that hangs ends at the deadline', async () => {
    await using upstream = await startUpstream({ 'POST /api/v1/query': { raw: () => undefined } });
    const failure = await failureOf(clientOf(upstream, { timeoutMs: 1000 }).query('x'));
    expect(failure).toMatchObject({ code: 'timeout' });
    expect(upstream.seen).toHaveLength(1);
  });

  it('ends with the caller', async () => {
    const caller = new AbortController();
    await using upstream = await startUpstream({
      'POST /api/v1/query': { raw: () => caller.abort() },
    });
    const failure = await failureOf(clientOf(upstream).query('x', { signal: caller.signal }));
    expect(failure).toMatchObject({ code: 'cancelled' });
    expect(upstream.seen).toHaveLength(1);
  });
});

describe('credentials', () => {
  it.each<[Partial<PrometheusOptions>, Record<string, string>]>([
    [{ token: 'hush' }, { authorization: 'Bearer hush' }],
    [
      { username: 'u', password: 'hush' },
      { authorization: `Basic ${Buffer.from('u:hush').toString('base64')}` },
    ],
    [{ tenant: 'fleet' }, { 'x-scope-orgid': 'fleet' }],
  ])('of %j go into headers and nowhere else', async (options, headers) => {
    await using upstream = await startUpstream({ 'POST /api/v1/query': refusal(400, 'bad_data') });
    const failure = await failureOf(clientOf(upstream, options).query('x'));
    expect(upstream.seen[0]?.headers).toMatchObject(headers);
    expect(inspect(failure, { depth: 9 })).not.toMatch(/hush|127\.0\.0\.1/);
  });
});

describe('series, labels, build and readiness', () => {
  it('lists series below a path of its own', async () => {
    await using upstream = await startUpstream({
      'POST /prometheus/api/v1/series': success([{ __name__: 'up', a: 'b' }]),
    });
    const client = createPrometheusClient({ url: `${upstream.url}/prometheus/` });
    const found = await client.series(['up', '{a="b"}'], { start: 1, end: 2, limit: 9 });
    expect(found).toEqual([{ __name__: 'up', a: 'b' }]);
    const form = new URLSearchParams(upstream.seen[0]?.body);
    expect(form.getAll('match[]')).toEqual(['up', '{a="b"}']);
    expect(form.get('limit')).toBe('9');
    expect(form.has('timeout')).toBe(false);
  });

  it('lists the values of a label whose name needs encoding', async () => {
    await using upstream = await startUpstream({
      'GET /api/v1/label/a%2Fb/values': success(['x', 'y']),
    });
    expect(await clientOf(upstream).labelValues('a/b', { match: ['up'] })).toMatchObject({
      values: ['x', 'y'],
    });
    expect(upstream.seen[0]?.query.getAll('match[]')).toEqual(['up']);
  });

  it('takes null for no values', async () => {
    await using upstream = await startUpstream({ 'GET /api/v1/label/a/values': success(null) });
    expect(await clientOf(upstream).labelValues('a')).toMatchObject({ values: [] });
  });

  it.each([
    [{ version: '2.42.0' }, '2.42.0'],
    [{ version: '' }, ''],
    [{}, ''],
  ])('reads the build %j', async (data, version) => {
    await using upstream = await startUpstream({ 'GET /api/v1/status/buildinfo': success(data) });
    expect(await clientOf(upstream).buildInfo()).toEqual({ version });
  });

  it('is ready when it answers a query, and else says why not', async () => {
    const one = success({ resultType: 'scalar', result: [7, '1'] });
    await using upstream = await startUpstream({ 'POST /api/v1/query': [one, { status: 401 }] });
    const client = clientOf(upstream);
    await client.ready();
    expect(await failureOf(client.ready())).toMatchObject({ code: 'unauthorized' });
  });
});
