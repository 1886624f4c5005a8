import { UpstreamError, type UpstreamErrorCode } from '@bud-monitoring/client';
import { describe, expect, it } from '@jest/globals';
import type { Failure, FailureKind } from '../domain/grafana/failure.js';
import { toFailure } from './grafana-failure.js';

const of = (code: UpstreamErrorCode, detail?: string, changes = true) =>
  toFailure(new UpstreamError({ upstream: 'grafana', code, detail, retryAfterSeconds: 7 }), {
    changes,
  }) as Failure;

describe('toFailure', () => {
  it.each<[UpstreamErrorCode, string | undefined, FailureKind, boolean]>([
    ['unreachable', undefined, 'transient', true],
    ['timeout', undefined, 'transient', true],
    ['bad_answer', undefined, 'transient', true],
    ['circuit_open', undefined, 'transient', false],
    ['too_many_requests', undefined, 'transient', false],
    ['unauthorized', undefined, 'unauthorized', false],
    ['forbidden', undefined, 'permanent', false],
    ['refused', 'publicdashboards.hasTemplateVariables', 'permanent', false],
    ['refused', 'Folder not found', 'transient', false],
    ['not_found', 'publicdashboards.dashboardNotFound', 'transient', false],
    ['not_found', 'public dashboards are switched off', 'permanent', false],
    ['conflict', 'name-exists', 'permanent', false],
    ['conflict', 'other-uid', 'permanent', false],
    ['cancelled', undefined, 'superseded', true],
  ])('takes %s (%s) as %s, its effect uncertain: %s', (code, detail, kind, uncertain) => {
    expect(of(code, detail)).toMatchObject({ kind, uncertain });
    // A read has no effect that could be uncertain.
    expect(of(code, detail, false)).toMatchObject({ kind, uncertain: false });
  });

  it('waits as long as Grafana asks', () => {
    expect(of('too_many_requests').retryAfterMs).toBe(7_000);
  });

  it('tells a quota from what the credentials may not do', () => {
    expect(of('forbidden', 'Quota reached').message).toBe(
      'Grafana takes no more, by its quota: Quota reached',
    );
    expect(of('forbidden', 'Permissions needed: x').message).toMatch(
      /credentials need .*: Permissions needed: x$/,
    );
  });

  it('tells a title that is taken from other conflicts', () => {
    expect(of('conflict', 'name-exists').code).toBe('name_exists');
  });

  it('leaves what is no failure of Grafana', () => {
    const error = new TypeError('a bug');
    expect(toFailure(error, { changes: true })).toBe(error);
  });
});
