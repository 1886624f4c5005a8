import { describe, expect, it } from '@jest/globals';
import { InputError } from '../../input-error.js';
import { LimitExceeded, type Limits } from '../request/limits.js';
import { readParameters } from '../request/parameters.js';
import { createScopeText } from './known-queries.js';
import { createReach } from './reach.js';
import { Refused } from './refused.js';
import { scopeRequest, type Endpoint } from './scope-request.js';

const limits: Limits = {
  maxRangeSeconds: 7 * 86_400,
  maxPoints: 11_000,
  maxSeries: 500,
  maxQueryLength: 1000,
  timeoutMs: 30_000,
};
const scope = { cluster: 'me' };

const callOf = (endpoint: Endpoint, text: string, more: object = {}) => {
  const context = { scope, limits, ...more };
  const scopeText = (query: string) => createScopeText(limits)(query, createReach(context.scope));
  const parameters = readParameters(new URLSearchParams(text));
  return scopeRequest(endpoint, parameters, { ...context, scopeText });
};
const sent = (endpoint: Endpoint, text: string, more: object = {}) => {
  const { method, path, form } = callOf(endpoint, text, more).upstreamRequest;
  return [method, path, decodeURIComponent(form).replaceAll('+', ' ')];
};
const errorOf = (endpoint: Endpoint, text: string, more: object = {}): unknown => {
  try {
    return callOf(endpoint, text, more);
  } catch (error) {
    return error;
  }
};

describe('what goes to the store', () => {
  it.each<[Endpoint, string, string, string]>([
    ['query', 'query=up&time=5', '/query', 'limit=500&time=5&query=up{cluster="me"}'],
    ['query', 'query=1%2B1', '/query', 'limit=500&query=1+1'],
    [
      'query',
      'query=up&stats=all&lookback_delta=1m&db=other&extra_label=x',
      '/query',
      'limit=500&lookback_delta=1m&stats=all&query=up{cluster="me"}',
    ],
    [
      'query_range',
      'query=up&start=0&end=1970-01-01T00:01:00Z&step=1m',
      '/query_range',
      'limit=500&start=0&end=60&step=60&nocache=1&query=up{cluster="me"}',
    ],
    [
      'query_exemplars',
      'query=up&start=1&end=2',
      '/query_exemplars',
      'limit=500&start=1&end=2&query=up{cluster="me"}',
    ],
    [
      'series',
      'match[]=up&match[]={job="a"}&start=1',
      '/series',
      'limit=500&match[]=up{cluster="me"}&match[]={job="a",cluster="me"}&start=1',
    ],
    ['labels', '', '/labels', 'limit=500&match[]={cluster="me"}'],
    ['labels', 'match[]=up&limit=3', '/labels', 'limit=3&match[]=up{cluster="me"}'],
  ])('for %s of %s', (endpoint, text, path, form) => {
    const [method, at, what] = sent(endpoint, text);
    expect([method, at, what?.replace('1 1', '1+1')]).toEqual(['POST', path, form]);
  });

  it('is a GET with the label as one segment for values', () => {
    expect(sent('values', 'match[]=up', { label: 'a b?c' })).toEqual([
      'GET',
      '/label/a%20b%3Fc/values',
      'limit=500&match[]=up{cluster="me"}',
    ]);
  });

  it('holds the namespaces of the caller', () => {
    const [, , form] = sent('query', 'query=up', { scope: { cluster: 'me', namespaces: ['a'] } });
    expect(form).toContain('up{cluster="me",namespace="a"}');
  });

  it('asks for no more than is answered', () => {
    for (const [limit, asked] of [
      ['0', 500],
      ['499', 499],
      ['501', 500],
      ['9223372036854775807', 500],
      ['%2B7', 7],
    ] as const) {
      expect(sent('labels', `limit=${limit}`)[2]).toContain(`limit=${asked}`);
    }
  });

  it('has the time of the caller, within ours', () => {
    const timeouts = [
      'query=1',
      'query=1&timeout=5',
      'query=1&timeout=1500ms',
      'query=1&timeout=1h',
    ];
    expect(timeouts.map((text) => callOf('query', text).upstreamRequest.timeoutMs)).toEqual([
      30_000, 5000, 1500, 30_000,
    ]);
  });
});

describe('a range whose points depend on query and times alone', () => {
  const times = 'query=up&start=0&end=60&step=15';
  it('is told', () => {
    expect(callOf('query_range', times).range).toEqual({
      query: 'up{cluster="me"}',
      start: 0,
      end: 60,
      step: 15,
    });
  });

  it.each(['stats=all', 'limit=5', 'lookback_delta=1m'])('is not with %s', (more) => {
    expect(callOf('query_range', `${times}&${more}`)).not.toHaveProperty('range');
  });
});

describe('a time', () => {
  it.each([
    ['1796065200.0005', 1796065200],
    ['1796065200.9996', 1796065201],
    ['-1.5', -1.5],
    ['2026-11-30T19:00:00.0009Z', 1796065200],
    ['2026-11-30T19:00:00,25Z', 1796065200.25],
    ['2026-11-30T20:00:00.123456789%2B01:00', 1796065200.123],
  ])('%s is the millisecond that Prometheus reads', (text, start) => {
    const { range } = callOf('query_range', `query=up&start=${text}&end=1796065260&step=1800000`, {
      limits: { ...limits, maxRangeSeconds: 1e10 },
    });
    expect(range?.start).toBe(start);
  });
});

describe('what is wrong', () => {
  it.each<[Endpoint, string, string, string]>([
    ['query', 'query=up&query=down', 'query', 'may be given only once'],
    ['query', 'query=up&time=1&time=2', 'time', 'may be given only once'],
    ['query', 'query=up&timeout=0', 'timeout', 'must be positive'],
    ['query', 'query=up&timeout=-1', 'timeout', 'must be positive'],
    ['query_range', 'query=up', 'start', 'cannot parse "" to a valid timestamp'],
    ['query_range', 'query=up&start=x&end=1&step=1', 'start', 'cannot parse "x"'],
    ['query_range', 'query=up&start=0x10&end=99&step=1', 'start', 'cannot parse'],
    ['query_range', 'query=up&start=Infinity&end=99&step=1', 'start', 'cannot parse'],
    ['query_range', 'query=up&start=2&end=1&step=1', 'end', 'must not be before start time'],
    ['query_range', 'query=up&start=0&end=1&step=0', 'step', 'zero or negative'],
    ['query_range', 'query=up&start=0&end=1&step=-1', 'step', 'zero or negative'],
    ['query_range', 'query=up&start=0&end=1&step=NaN', 'step', 'valid duration'],
    ['series', '', 'match[]', 'no match[] parameter provided'],
    ['labels', 'limit=-1', 'limit', 'must be non-negative'],
    ['labels', 'limit=1e3', 'limit', 'parsing "1e3": invalid syntax'],
    ['labels', 'limit=1_0', 'limit', 'parsing "1_0": invalid syntax'],
    ['labels', 'limit=9223372036854775808', 'limit', 'value out of range'],
    ['query_range', 'query=up&start=0&end=1&step=1m1h', 'step', 'valid duration'],
    ['query_range', 'query=up&start=0&end=1&step=1s1s', 'step', 'valid duration'],
    ['query_range', 'query=up&start=2026-01-31t08:00:00z&end=1&step=1', 'start', 'timestamp'],
    ['query_range', 'query=up&start=2026-01-31 08:00:00Z&end=1&step=1', 'start', 'timestamp'],
    ['query_range', 'query=up&start=0&end=1&step=1__0', 'step', 'valid duration'],
  ])('is named: %s %s', (endpoint, text, field, message) => {
    const error = errorOf(endpoint, text);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ field, message: expect.stringContaining(message) });
  });

  it.each(['.', '..', 'a/b'])(
    'is a label that a server on the way would take apart: %s',
    (label) => {
      expect(errorOf('values', '', { label })).toBeInstanceOf(InputError);
    },
  );
});

describe('a fleet', () => {
  const clusters = new Map([
    ['a', ['x']],
    ['b', undefined],
  ]);

  it('has all its clusters on every selector, and those alone that the caller names', () => {
    const scope = { clusters: new Map([...clusters].map(([id]) => [id, undefined])) };
    expect(sent('query', 'query=up', { scope })[2]).toContain('up{cluster=~"a|b"}');
    expect(sent('query', 'query=up{cluster="b"}', { scope })[2]).toContain('up{cluster="b"}');
    expect(sent('query', 'query=up{cluster="c"}', { scope })[2]).toContain(
      'cluster="",cluster!=""',
    );
    expect(sent('labels', '', { scope })[2]).toBe('limit=500&match[]={cluster=~"a|b"}');
  });

  it('is left as it is asked for where the token has no limit', () => {
    const scope = { clusters: 'all' };
    expect(sent('query', 'query=up', { scope })[2]).toBe('limit=500&query=up');
    expect(sent('labels', '', { scope })[2]).toBe('limit=500');
  });

  it('has a selector for each set of namespaces, joined in a query', () => {
    const scope = { clusters };
    expect(sent('series', 'match[]=up', { scope })[2]).toBe(
      'limit=500&match[]=up{cluster="a",namespace="x"}&match[]=up{cluster="b"}',
    );
    expect(sent('query', 'query=up', { scope })[2]).toContain(
      'query=(up{cluster="a",namespace="x"} or up{cluster="b"})',
    );
    expect(errorOf('query', 'query=absent_over_time(up[5m])', { scope })).toMatchObject({
      refusal: { kind: 'refused', reason: expect.stringContaining('different namespaces') },
    });
    expect(sent('query', 'query=up{cluster="a"}', { scope })[2]).toContain('namespace="x"');
  });
});

describe('a message of the store', () => {
  it('is told in terms of the text of the caller', () => {
    const { toCaller } = callOf('query', 'query=up%20%2B%20bool%20up');
    expect(toCaller?.('invalid parameter "query": 1:20: parse error: bool')).toBe(
      'invalid parameter "query": 1:6: parse error: bool',
    );
    expect(callOf('query', 'query=1')).not.toHaveProperty('toCaller');
  });
});

describe('a bound', () => {
  it.each([
    [
      'query=up&start=0&end=864000&step=3600',
      'The range has 10 days and at most 7 are answered; ask for a shorter one',
    ],
    [
      'query=up&start=0&end=11000&step=1',
      'The range has 11001 points a series and at most 11000 are answered; use a step of 2 s or more, or a shorter range',
    ],
  ])('is told with a way to stay within it: %s', (text, message) => {
    const error = errorOf('query_range', text);
    expect(error).toBeInstanceOf(LimitExceeded);
    expect(error).toHaveProperty('message', message);
  });

  it('is not reached by a range with just as many points', () => {
    expect(callOf('query_range', 'query=up&start=0&end=10999&step=1').range).toBeDefined();
  });

  it('holds for the length of a query', () => {
    const error = errorOf('query', `query=${'x'.repeat(1001)}`);
    expect(error).toMatchObject({ refusal: { kind: 'limit', status: 422 } });
    expect(error).toHaveProperty('message', expect.stringContaining('at most 1000'));
  });
});

describe('selectors', () => {
  const given = (count: number) =>
    Array.from({ length: count }, (_, i) => `match[]=m${i}`).join('&');
  it('are so many that they can be parsed at once', () => {
    expect(sent('series', given(250))[2]).toContain('m249{cluster="me"}');
    expect(errorOf('series', given(251))).toBeInstanceOf(LimitExceeded);
  });

  it('are not written for ever for a claim of many clusters', () => {
    const clusters = Array.from({ length: 1000 }, (_, i) => [`${'0'.repeat(32)}${i}`, undefined]);
    const scope = { clusters: new Map(clusters as [string, undefined][]) };
    expect(callOf('series', given(30), { scope })).toBeDefined();
    expect(errorOf('series', given(250), { scope })).toBeInstanceOf(LimitExceeded);
  });
});

describe('a refusal', () => {
  it.each<[Endpoint, string, string, string]>([
    ['query', 'query=up{cluster="other"}', 'query', 'refused'],
    ['query', 'query=info(up)', 'query', 'refused'],
    ['query', 'query=up{', 'query', 'unparsable'],
    ['series', 'match[]=up&match[]={cluster="other"}', 'match[]', 'refused'],
    ['labels', 'match[]=up{', 'match[]', 'unparsable'],
  ])('of %s %s names its parameter and position', (endpoint, text, field, kind) => {
    const error = errorOf(endpoint, text);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ field, refusal: { kind, position: expect.any(Number) } });
  });
});
