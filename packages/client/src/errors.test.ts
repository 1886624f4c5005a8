import { describe, expect, it } from '@jest/globals';

import { codeOfStatus, UpstreamError } from './errors.js';

describe('UpstreamError', () => {
  it('says which upstream failed and how, and carries the rest as fields', () => {
    const error = new UpstreamError({
      upstream: 'prometheus',
      code: 'too_many_requests',
      status: 429,
      retryAfterSeconds: 7,
      detail: 'slow down',
    });
    expect(error.message).toBe('prometheus asks for fewer requests');
    expect(Object.fromEntries(Object.entries(error))).toEqual({
      name: 'UpstreamError',
      upstream: 'prometheus',
      code: 'too_many_requests',
      status: 429,
      retryAfterSeconds: 7,
      detail: 'slow down',
    });
  });

  it('has no field for what is unknown', () => {
    const error = new UpstreamError({ upstream: 'grafana', code: 'timeout', detail: '' });
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'upstream']);
  });

  it.each([
    ['dial http://admin:secret@10.0.0.1:9090/api failed', 'dial <url> failed'],
    ['see "https://internal/x", please', 'see "<url>", please'],
    ['two\r\nlines\u0000', 'two lines'],
    ['{instance="10.0.0.1:9100"} is doubled', '{instance="10.0.0.1:9100"} is doubled'],
  ])('keeps addresses and control characters out of the detail: %j', (given, safe) => {
    expect(new UpstreamError({ upstream: 'dapr', code: 'refused', detail: given }).detail).toBe(
      safe,
    );
  });

  it('cuts a long detail', () => {
    const error = new UpstreamError({
      upstream: 'dapr',
      code: 'refused',
      detail: 'x'.repeat(9_999),
    });
    expect(error.detail).toHaveLength(500);
  });
});

describe('codeOfStatus', () => {
  it.each([
    [400, 'refused'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [409, 'conflict'],
    [412, 'conflict'],
    [418, 'refused'],
    [422, 'refused'],
    [429, 'too_many_requests'],
    [500, 'bad_answer'],
    [502, 'bad_answer'],
    [503, 'unreachable'],
    [504, 'timeout'],
  ])('takes %i as %s', (status, code) => {
    expect(codeOfStatus(status)).toBe(code);
  });
});
