import { describe, expect, it } from '@jest/globals';
import { UpstreamError, type Upstream, type UpstreamErrorCode } from '@bud-monitoring/client';
import { ApiError } from './api-error.js';
import { toApiError } from './to-api-error.js';

describe('toApiError', () => {
  it.each<[Upstream, UpstreamErrorCode, number, string]>([
    ['prometheus', 'unreachable', 503, 'ServiceUnavailableError'],
    ['grafana', 'circuit_open', 503, 'ServiceUnavailableError'],
    ['grafana', 'too_many_requests', 503, 'ServiceUnavailableError'],
    ['dapr', 'cancelled', 503, 'ServiceUnavailableError'],
    ['prometheus', 'timeout', 504, 'GatewayTimeoutError'],
    ['prometheus', 'bad_answer', 502, 'PrometheusQueryError'],
    ['prometheus', 'refused', 502, 'PrometheusQueryError'],
    ['grafana', 'bad_answer', 502, 'GrafanaError'],
    ['grafana', 'unauthorized', 502, 'GrafanaError'],
    ['grafana', 'conflict', 502, 'GrafanaError'],
    ['bud-cluster', 'bad_answer', 502, 'EventsQueryError'],
    ['bud-cluster', 'not_found', 502, 'EventsQueryError'],
    ['dapr', 'bad_answer', 502, 'BadGatewayError'],
    ['bud-metrics', 'forbidden', 502, 'BadGatewayError'],
  ])('maps %s %s to %i %s', (upstream, code, status, type) => {
    const error = toApiError(new UpstreamError({ upstream, code }));

    expect(error).toMatchObject({ status, type });
    expect(error.message).toContain(upstream);
    expect(error.retryAfterSeconds).toBe(status > 502 ? 10 : undefined);
  });

  it("makes a refused query the caller's fault where the caller says so", () => {
    const refused = new UpstreamError({
      upstream: 'prometheus',
      code: 'refused',
      detail: 'parse error at char 3',
    });

    const error = toApiError(refused, { refused: 422 });

    expect(error).toMatchObject({ status: 422, type: 'UnprocessableEntityError' });
    expect(error.message).toContain('parse error at char 3');
  });

  it('hands on the wait that the upstream asked for', () => {
    const error = new UpstreamError({
      upstream: 'grafana',
      code: 'unreachable',
      retryAfterSeconds: 7,
    });

    expect(toApiError(error).retryAfterSeconds).toBe(7);
  });

  it('leaves an ApiError as it is', () => {
    const error = ApiError.notFound('Cluster not found');

    expect(toApiError(error)).toBe(error);
  });

  it.each([
    ['an unknown error', new Error('secret')],
    ["another client's error with a status", Object.assign(new Error('secret'), { status: 404 })],
    ['a thrown text', 'secret'],
    ['nothing', undefined],
  ])('hides %s', (_what, thrown) => {
    expect(toApiError(thrown)).toMatchObject({ status: 500, message: 'Internal error' });
  });
});
