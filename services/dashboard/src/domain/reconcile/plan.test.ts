import { describe, expect, it } from '@jest/globals';
import type { ObservedDashboard } from '../state/record.js';
import type { JsonObject } from '../templates/json.js';
import { contains, dashboardHash, hashVersion } from './dashboard-hash.js';
import { planDashboard, type DriftPolicy, type Plan } from './plan.js';

const stored = (more: JsonObject = {}): JsonObject => ({
  id: 14,
  version: 3,
  uid: 'u',
  title: 'east',
  panels: [{ id: 1, title: 'CPU' }],
  ...more,
});
const desired: JsonObject = { uid: 'u', title: 'east', panels: [{ id: 1, title: 'CPU' }] };
const renamed: JsonObject = { ...desired, title: 'west' };

const observed = (more: Partial<ObservedDashboard> = {}): ObservedDashboard => ({
  uid: 'u',
  version: 3,
  hash: dashboardHash(stored()),
  hashVersion,
  revision: 'r1',
  drifted: false,
  ...more,
});
const edited = stored({ panels: [{ id: 1, title: 'My CPU' }] });

describe('planDashboard', () => {
  const policies: DriftPolicy[] = ['overwrite', 'warn', 'keep'];
  const step = (
    current: JsonObject | null,
    recorded: ObservedDashboard | null,
    policy: DriftPolicy,
    rendered: JsonObject = desired,
    revision = 'r1',
    isOfNewer = false,
    folder: { current: string; desired: string | null } = { current: '', desired: null },
  ) =>
    planDashboard({
      current:
        current === null
          ? null
          : { dashboard: current, version: Number(current['version']), folderUid: folder.current },
      observed: recorded,
      revision,
      rendered: () => rendered,
      policy,
      titles: [rendered['title'] as string, 'east (whole id)'],
      isOfNewer,
      folderUid: folder.desired,
    });

  it.each(policies)('under %s: does nothing where all is as we left it', (policy) => {
    expect(step(stored(), observed(), policy)).toEqual({ action: 'none' });
  });

  const moved = { current: '', desired: 'f' };
  it.each<[DriftPolicy, object]>([
    ['overwrite', { action: 'write', drifted: true }],
    ['warn', { action: 'leave' }],
    ['keep', { action: 'leave' }],
  ])('under %s: meets one that somebody moved', (policy, action) => {
    const recorded = { ...observed(), folderUid: 'f' };
    expect(step(stored(), recorded, policy, desired, 'r1', false, moved)).toEqual(action);
    const there = { current: 'f', desired: 'f' };
    expect(step(stored(), recorded, policy, desired, 'r1', false, there)).toEqual({
      action: 'none',
    });
  });

  it.each(policies)('under %s: moves to another folder that is configured', (policy) => {
    for (const recorded of [observed(), { ...observed(), folderUid: '' }])
      expect(step(stored(), recorded, policy, desired, 'r1', false, moved)).toEqual({
        action: 'write',
        drifted: false,
      });
  });

  it.each(policies)('under %s: writes what is gone', (policy) => {
    expect(step(null, observed(), policy)).toEqual({ action: 'write', drifted: false });
    expect(step(null, null, policy)).toEqual({ action: 'write', drifted: false });
  });

  it.each(policies)('under %s: writes a new rendering over what nobody changed', (policy) => {
    expect(step(stored(), observed(), policy, renamed, 'r2')).toEqual({
      action: 'write',
      drifted: false,
    });
  });

  it.each(policies)('under %s: adopts its own write that was not recorded', (policy) => {
    const current = stored({ title: 'west', version: 4 });
    expect(step(current, observed(), policy, renamed, 'r2')).toEqual({
      action: 'adopt',
      hash: dashboardHash(current),
    });
    expect(step(stored(), null, policy)).toEqual({
      action: 'adopt',
      hash: dashboardHash(stored()),
    });
  });

  it.each(policies)('under %s: records a version that changed nothing', (policy) => {
    expect(step(stored({ version: 4 }), observed(), policy)).toMatchObject({ action: 'adopt' });
  });

  it.each<[DriftPolicy, Plan]>([
    ['overwrite', { action: 'write', drifted: true }],
    ['warn', { action: 'leave' }],
    ['keep', { action: 'leave' }],
  ])('under %s: handles drift', (policy, expected) => {
    expect(step(edited, observed(), policy)).toEqual(expected);
    // All that we sent is there, and yet somebody changed it.
    expect(step(stored({ description: 'Mine' }), observed(), policy)).toEqual(expected);
    expect(step(edited, null, policy)).toEqual(expected);
    expect(step(edited, observed({ hash: null }), policy)).toEqual(expected);
  });

  it.each(policies)('under %s: does not take a hash of another function for drift', (policy) => {
    for (const other of [{ hashVersion: 99 }, { hashVersion: undefined }]) {
      const before = observed({ hash: 'of another function', ...other });
      expect(step(stored(), before, policy)).toEqual({
        action: 'adopt',
        hash: dashboardHash(stored()),
      });
      expect(step(stored(), before, policy, renamed, 'r2')).toEqual({
        action: 'write',
        drifted: false,
      });
      // Saved since, by our own write that was not recorded.
      const saved = stored({ title: 'west', version: 4 });
      expect(step(saved, before, policy, renamed, 'r2')).toMatchObject({ action: 'adopt' });
      expect(step(stored({ version: 4 }), before, policy)).toMatchObject({ action: 'adopt' });
    }
  });

  it.each<[DriftPolicy, Plan]>([
    ['overwrite', { action: 'write', drifted: true }],
    ['keep', { action: 'leave' }],
  ])('under %s: sees an edit without a hash to compare, by the version', (policy, expected) => {
    const before = observed({ hash: 'of another function', hashVersion: 99 });
    expect(step({ ...edited, version: 4 }, before, policy)).toEqual(expected);
    const mine = stored({ description: 'Mine', version: 4 });
    expect(step(mine, { ...before, drifted: true }, policy)).toEqual(expected);
  });

  it.each(policies)('under %s: leaves what newer templates made, but for the title', (policy) => {
    expect(step(edited, observed(), policy, desired, 'r0', true)).toEqual({ action: 'none' });
    const unique = stored({ title: 'east (whole id)' });
    expect(step(unique, observed(), policy, desired, 'r0', true)).toEqual({ action: 'none' });
    expect(step(edited, observed(), policy, renamed, 'r0', true)).toEqual({ action: 'retitle' });
    expect(step(null, observed(), policy, desired, 'r0', true)).toMatchObject({ action: 'write' });
  });

  it('records that a drifted dashboard is right again', () => {
    expect(step(stored(), observed({ drifted: true }), 'warn')).toMatchObject({ action: 'adopt' });
  });
});

describe('dashboardHash', () => {
  it('does not see id, version and the order of keys', () => {
    expect(dashboardHash({ b: 1, a: { d: [1], c: 2 }, id: 1, version: 1 })).toBe(
      dashboardHash({ a: { c: 2, d: [1] }, b: 1, id: 9, version: 9 }),
    );
  });

  it.each([
    '{"b":1,"a":{"1":1,"9":2,"d":[{"z":1,"y":2}],"c":"é"},"id":4,"version":2}',
    '{"a":{"9":2,"1":1,"c":"é","d":[{"y":2,"z":1}]},"b":1}',
    '{"a":{"1":1,"9":2,"__proto__":{"x":1},"c":"é","d":[{"y":2,"z":1}]},"b":1}',
  ])('is what existing records contain, for %s', (text) => {
    expect(dashboardHash(JSON.parse(text) as JsonObject)).toBe('ut5S2q9EL4FLOgU2wcfPmngxt7B');
  });

  it('sees everything else', () => {
    const one = dashboardHash(stored());
    expect(dashboardHash(stored({ title: 'x' }))).not.toBe(one);
    expect(dashboardHash(stored({ panels: [] }))).not.toBe(one);
    expect(dashboardHash(stored({ panels: [{ id: 1, title: 'CPU', version: 2 }] }))).not.toBe(one);
  });
});

describe('contains', () => {
  it('lets Grafana add fields, at any depth', () => {
    const current = {
      ...stored(),
      schemaVersion: 41,
      panels: [{ id: 1, title: 'CPU', added: {} }],
    };
    expect(contains(current, desired)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['a changed value', stored({ title: 'x' })],
    ['a longer list', stored({ panels: [{ id: 1, title: 'CPU' }, { id: 2 }] })],
    ['a shorter list', stored({ panels: [] })],
    ['another type', stored({ panels: { 0: { id: 1, title: 'CPU' } } })],
    ['a missing field', { uid: 'u', title: 'east' }],
  ])('does not take %s for its own', (_, current) => {
    expect(contains(current, desired)).toBe(false);
  });
});
