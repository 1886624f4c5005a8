import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { AlertRecord, Level } from '../record.js';
import { ended, isChange, withoutAnswer, withoutValue, withValue } from './alert-state.js';
import { unnamed } from './node-names.js';
import { evaluateRules } from './rule-evaluation.js';

const times = { hold: 300, noData: 900, listed: 3600 };
const cpu: Level[] = [
  { severity: 'warning', threshold: 70, clear: 65 },
  { severity: 'critical', threshold: 90, clear: 85 },
];
const subject = { metric: 'cpu_usage', subject: 'a:9100', node: 'a:9100', hostname: 'a' } as const;

/** A minute's value, or none; or the store could not answer; or nobody evaluated. */
type Minute = number | null | 'no answer' | 'paused';

/** The alert after one value a minute. */
function play(values: readonly Minute[], levels: readonly Level[] = cpu) {
  const seen: (AlertRecord | null)[] = [];
  values.reduce<AlertRecord | null>((previous, value, minute) => {
    const at = 60 * minute;
    const next = () => {
      if (typeof value === 'number')
        return withValue(previous, value, { subject, levels, at, times });
      if (previous === null || value === 'paused') return previous;
      return value === null
        ? withoutValue(previous, at, times)
        : withoutAnswer(previous, at, times);
    };
    seen.push(next());
    return seen.at(-1) ?? null;
  }, null);
  return seen;
}

/** `pending warning`, for each minute. */
const told = (alert: AlertRecord | null) =>
  alert === null ? 'none' : `${alert.state} ${alert.severity}`;
/** The minutes in which something changed, and to what. */
function changes(seen: readonly (AlertRecord | null)[]): string[] {
  return seen.flatMap((alert, minute) => {
    const before = told(seen[minute - 1] ?? null);
    return told(alert) === before ? [] : [`${minute}: ${told(alert)}`];
  });
}

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('an alert', () => {
  it.each<[name: string, values: Minute[], expected: string[]]>([
    ['does not begin below the threshold', repeat(9, 69.99), []],
    [
      'fires once a level was held for five minutes, at the threshold and not only above',
      repeat(8, 70),
      ['0: pending warning', '5: firing warning'],
    ],
    [
      'fires as critical what was critical all the time',
      repeat(7, 95),
      ['0: pending critical', '5: firing critical'],
    ],
    [
      'begins anew when the value falls below the threshold before it fires',
      [...repeat(4, 75), 69, ...repeat(6, 75)],
      ['0: pending warning', '4: resolved warning', '5: pending warning', '10: firing warning'],
    ],
    [
      'becomes critical after five critical minutes, and not before',
      [...repeat(7, 75), ...repeat(7, 95)],
      ['0: pending warning', '5: firing warning', '12: firing critical'],
    ],
    [
      'fires as a warning when it was critical for a part of the time only',
      [75, 75, ...repeat(5, 95)],
      ['0: pending warning', '5: firing warning'],
    ],
    [
      'is a pending warning when the critical part of it ends',
      [95, 95, ...repeat(5, 80)],
      ['0: pending critical', '2: pending warning', '5: firing warning'],
    ],
    [
      'stays critical down to five points below, then is a warning',
      [...repeat(6, 95), 86, 85.01, 85, 66],
      ['0: pending critical', '5: firing critical', '8: firing warning'],
    ],
    [
      'ends five points below the threshold',
      [...repeat(6, 75), 66, 65.01, 65],
      ['0: pending warning', '5: firing warning', '8: resolved warning'],
    ],
    [
      'ends at once when the value falls all the way',
      [...repeat(6, 95), 10],
      ['0: pending critical', '5: firing critical', '6: resolved critical'],
    ],
    [
      'keeps its state without data, and ends after fifteen minutes of it',
      [...repeat(6, 95), ...repeat(15, null)],
      ['0: pending critical', '5: firing critical', '20: resolved critical'],
    ],
    [
      'ends by no pause of ours, of which five minutes count',
      [...repeat(6, 95), ...repeat(30, 'paused' as const), ...repeat(11, null)],
      ['0: pending critical', '5: firing critical', '46: resolved critical'],
    ],
    [
      'ends by no outage of the store, which does not count',
      [...repeat(6, 95), ...repeat(30, 'no answer' as const), ...repeat(15, null)],
      ['0: pending critical', '5: firing critical', '50: resolved critical'],
    ],
    [
      'goes on where it was when data comes back',
      [...repeat(6, 95), ...repeat(10, null), 86, 84],
      ['0: pending critical', '5: firing critical', '17: firing warning'],
    ],
    [
      'does not fire while there is no data',
      [75, 75, ...repeat(8, null), 75],
      ['0: pending warning', '10: firing warning'],
    ],
    [
      'is listed for an hour once it is over',
      [...repeat(6, 75), ...repeat(62, 10)],
      ['0: pending warning', '5: firing warning', '6: resolved warning', '66: none'],
    ],
    [
      'is a new one when it comes again within that hour',
      [...repeat(6, 75), 10, ...repeat(6, 95)],
      [
        '0: pending warning',
        '5: firing warning',
        '6: resolved warning',
        '7: pending critical',
        '12: firing critical',
      ],
    ],
  ])('%s', (_name, values, expected) => {
    expect(changes(play(values))).toEqual(expected);
  });

  it('tells since when its state is so, and what the value and threshold are', () => {
    const seen = play([...repeat(7, 75), ...repeat(6, 95), 10]);
    expect(seen[3]).toMatchObject({ state: 'pending', since: 0, value: 75, threshold: 70 });
    expect(seen[6]).toMatchObject({ state: 'firing', since: 300, threshold: 70, reason: null });
    expect(seen[12]).toMatchObject({ severity: 'critical', since: 300, value: 95, threshold: 90 });
    expect(seen[13]).toMatchObject({
      state: 'resolved',
      since: 780,
      value: 10,
      reason: 'recovered',
    });
  });

  it('says that it ended for want of data, with the value it last had', () => {
    const last = play([...repeat(6, 75), ...repeat(15, null)]).at(-1);
    expect(last).toMatchObject({ state: 'resolved', reason: 'no_data', value: 75 });
  });

  it('counts a changed threshold at once, and not only where the old alert clears', () => {
    const firing = play(repeat(6, 78)).at(-1)!;
    const raised: Level[] = [{ severity: 'warning', threshold: 80, clear: 75 }];
    const next = withValue(firing, 78, { subject, levels: raised, at: 360, times });
    expect(next).toMatchObject({ state: 'resolved', reason: 'recovered' });
  });

  it('ends with what it was about, and is then forgotten as every other', () => {
    const firing = play(repeat(6, 95)).at(-1)!;
    const over = ended(firing, 'cluster_deleted', 400, times)!;
    expect(over).toMatchObject({ state: 'resolved', reason: 'cluster_deleted', since: 400 });
    expect(ended(over, 'disabled', 3999, times)).toBe(over);
    expect(ended(over, 'disabled', 4000, times)).toBeNull();
  });
});

describe('a change', () => {
  const firing = play(repeat(6, 95)).at(-1)!;
  it.each<[name: string, before: AlertRecord | null, changed: boolean]>([
    ['of nothing into an alert', null, true],
    ['of state', { ...firing, state: 'pending' }, true],
    ['of severity', { ...firing, severity: 'warning' }, true],
    ['of the value alone', { ...firing, value: 1, seenAt: 1 }, false],
  ])('%s', (_name, before, changed) => {
    expect(isChange(before, firing)).toBe(changed);
  });
});

describe('a node that the store says nothing of', () => {
  const cluster = clusterIdSchema.parse('0f000000-0000-4000-8000-000000000001');
  const percent = { warning: 70, critical: 90 };
  const thresholds = {
    ...{ cpu_usage: percent, memory_usage: percent, disk_usage: percent, network_errors: percent },
    node_not_ready: { enabled: true },
  };
  const firing = play(repeat(8, 95)).at(-1)!;

  /** The alert after an hour of answers without the node. */
  function afterSilence(isPartial: boolean): AlertRecord | undefined {
    let previous = [firing];
    for (let at = 480; at <= 480 + 3600; at += 60) {
      const figures = new Map([['cpu_usage', new Map()]] as const);
      const input = { cluster, deleted: false, previous, thresholds };
      previous = [
        ...evaluateRules(input, { figures, isPartial, nameOf: unnamed, at, times }).records,
      ];
    }
    return previous[0];
  }

  it('has its alert resolved in time, but not while a part of the store is away', () => {
    expect(afterSilence(false)).toMatchObject({ state: 'resolved', reason: 'no_data' });
    expect(afterSilence(true)).toMatchObject({ state: 'firing', severity: 'critical' });
  });
});
