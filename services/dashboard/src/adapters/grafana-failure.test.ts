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
    ['forbidden', undefined, 'lasting', false],
    ['refused', 'publicdashboards.hasTemplateVariables', 'lasting', false],
    ['refused', 'Folder not found', 'transient', false],
    ['not_found', 'publicdashboards.dashboardNotFound', 'transient', false],
    ['not_found', 'public dashboards are switched off', 'lasting', false],
    ['conflict', 'name-exists', 'lasting', false],
    ['conflict', 'other-uid', 'lasting', false],
    ['cancelled', undefined, 'superseded', true],
  ])('takes %s (%s) as %s, its effect in doubt: %s', (code, detail, kind, unsure) => {
    expect(of(code, detail)).toMatchObject({ kind, unsure });
    // What only reads has no effect to be in doubt about.
    expect(of(code, detail, false)).toMatchObject({ kind, unsure: false });
  });

  it('waits as long as Grafana asks', () => {
    expect(of('too_many_requests').retryAfterMs).toBe(7_000);
  });

  it('tells a title that is taken from other conflicts', () => {
    expect(of('conflict', 'name-exists').code).toBe('name_exists');
  });

  it('leaves what is no failure of Grafana', () => {
    const error = new TypeError('a bug');
    expect(toFailure(error, { changes: true })).toBe(error);
  });
});
