import { describe, expect, it } from '@jest/globals';
import { differences, titlesOf } from './support/grafana-diff.js';
import { createLedger, type Event } from './support/ledger.js';
import { describeSchedule, makeSchedule } from './support/schedule.js';

const clusterId = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';
const at = (second: number) => new Date(1_795_000_000_000 + second * 1_000).toISOString();
const event = (kind: Event['kind'], second: number, name?: string): Event => ({
  id: `${kind} ${second}`,
  kind,
  clusterId,
  time: at(second),
  ...(name !== undefined && { name }),
});

describe('the ledger', () => {
  it.each<{ what: string; events: Event[]; name: string | null }>([
    { what: 'a creation', events: [event('created', 1, 'a')], name: 'a' },
    {
      what: 'a rename that arrives first',
      events: [event('updated', 2, 'b'), event('created', 1, 'a')],
      name: 'b',
    },
    {
      what: 'a creation that arrives after a later deletion',
      events: [event('deleted', 2), event('created', 1, 'a')],
      name: null,
    },
    {
      what: 'a deletion at the time of a rename',
      events: [event('deleted', 1), event('updated', 1, 'a')],
      name: null,
    },
    {
      what: 'a later event without a name',
      events: [event('created', 1, 'a'), event('deleted', 2), event('updated', 3)],
      name: 'a',
    },
    { what: 'an event that never names it', events: [event('updated', 1)], name: clusterId },
  ])('knows what $what means', ({ events, name }) => {
    const ledger = createLedger();
    events.forEach((one) => ledger.wrote(one));
    expect(ledger.expected()).toEqual([{ clusterId, name }]);
  });
});

describe('the comparison', () => {
  const mine = titlesOf(clusterId, 'a').map(([uid, title]) => ({ uid, title, version: 1 }));
  const foreign = { uid: 'other', title: 'Other', version: 1 };
  const link = { uid: 'l', dashboardUid: clusterId, isEnabled: true };
  type Grafana = Parameters<typeof differences>[0];
  const compare = (dashboards: object[], links: object[], name: string | null = 'a') =>
    differences(
      {
        dashboards: () =>
          dashboards.map((one) => ({ data: {}, ...one })) as ReturnType<Grafana['dashboards']>,
        publicDashboards: () => links as ReturnType<Grafana['publicDashboards']>,
      },
      [{ clusterId, name }],
      [foreign],
    );

  it('finds nothing where all is right', () => {
    expect(compare([...mine, foreign], [link])).toEqual([]);
    expect(compare([foreign], [], null)).toEqual([]);
  });

  it.each([
    ['a dashboard that is missing', [...mine.slice(1), foreign], [link]],
    ['a dashboard too many', [...mine, foreign, { uid: 'x', title: 'x', version: 1 }], [link]],
    ['an old title', [{ ...mine[0], title: 'old' }, ...mine.slice(1), foreign], [link]],
    ['no link', [...mine, foreign], []],
    ['two links', [...mine, foreign], [link, { ...link, uid: 'm' }]],
    ['a link that is off', [...mine, foreign], [{ ...link, isEnabled: false }]],
    ['a link elsewhere', [...mine, foreign], [link, { ...link, dashboardUid: 'other' }]],
    ['somebody else’s changed', [...mine, { ...foreign, version: 2 }], [link]],
    ['somebody else’s gone', mine, [link]],
  ])('finds %s', (_, dashboards, shares) => {
    expect(compare(dashboards, shares)).toHaveLength(1);
  });

  it('finds what is left of a deleted cluster', () => {
    expect(compare([...mine, foreign], [link], null)).toHaveLength(5);
  });
});

it('makes the same schedule of the same seed', () => {
  const words = [7, 7, 8].map((seed) => describeSchedule(makeSchedule(seed, 1_795_000_000_000)));
  expect(words[0]).toBe(words[1]);
  expect(words[0]).not.toBe(words[2]);
});

it.each([/nobody can use/, /Redis is (full|without)/, /written by a \w+ version/, /version 99/])(
  'has %s in the schedules of the short form',
  (trouble) => {
    const short = [33, 34, 35, 36].map((seed) => makeSchedule(seed, 1_795_000_000_000));
    expect(short.map(describeSchedule).join('\n')).toMatch(trouble);
  },
);
