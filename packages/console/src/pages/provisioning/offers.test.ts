import { describe, expect, it } from '@jest/globals';
import type { DashboardStatus } from '@bud-monitoring/contracts';
import { actionsFor } from './offers';

const titles = (status: DashboardStatus, enabled = true) =>
  actionsFor({ status, sharing: { enabled, expires_at: null } }).map(({ title }) => title);

describe('what is offered of the dashboards of a cluster', () => {
  it.each<[DashboardStatus, boolean, string[]]>([
    ['ready', true, ['Provision again', 'Replace the link', 'End the link', 'Remove dashboards']],
    ['disabled', false, ['Provision again', 'Make a link', 'Remove dashboards']],
    [
      'failed',
      true,
      [
        ...['Provision again', 'Try with refused credentials'],
        ...['Replace the link', 'End the link', 'Remove dashboards'],
      ],
    ],
    ['deleting', true, ['Remove dashboards']],
    ['unreadable', true, ['Provision again', 'Remove dashboards']],
  ])('that are %s, with a link wanted: %p', (status, enabled, expected) => {
    expect(titles(status, enabled)).toEqual(expected);
  });

  it('that are of nobody: to take them, or to remove them', () => {
    expect(actionsFor(null).map(({ title }) => title)).toEqual(['Adopt', 'Remove dashboards']);
  });

  it('asks before it takes a link or dashboards away', () => {
    const asked = [
      null,
      { status: 'failed', sharing: { enabled: true, expires_at: null } } as const,
    ]
      .flatMap(actionsFor)
      .filter(({ question }) => question !== undefined)
      .map(({ title }) => title);
    expect(new Set(asked)).toEqual(
      new Set(['Remove dashboards', 'Replace the link', 'End the link']),
    );
  });
});
