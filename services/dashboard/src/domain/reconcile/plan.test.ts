import { describe, expect, it } from '@jest/globals';
import type { ObservedDashboard } from '../state/record.js';
import type { JsonObject } from '../templates/json.js';
import { hashOf, holds } from './drift.js';
import { plan, type DriftPolicy, type Plan } from './plan.js';

const stored = (more: JsonObject = {}): JsonObject => ({
  id: 14,
  version: 3,
  uid: 'u',
  title: 'east',
  panels: [{ id: 1, title: 'CPU' }],
  ...more,
});
const wanted: JsonObject = { uid: 'u', title: 'east', panels: [{ id: 1, title: 'CPU' }] };
const renamed: JsonObject = { ...wanted, title: 'west' };

const observed = (more: Partial<ObservedDashboard> = {}): ObservedDashboard => ({
  uid: 'u',
  version: 3,
  hash: hashOf(stored()),
  revision: 'r1',
  drifted: false,
  ...more,
});
const edited = stored({ panels: [{ id: 1, title: 'My CPU' }] });

describe('plan', () => {
  const policies: DriftPolicy[] = ['overwrite', 'warn', 'keep'];
  const step = (
    current: JsonObject | null,
    seen: ObservedDashboard | null,
    policy: DriftPolicy,
    want: JsonObject = wanted,
    revision = 'r1',
  ) =>
    plan({
      current:
        current === null ? null : { dashboard: current, version: Number(current['version']) },
      observed: seen,
      revision,
      wanted: () => want,
      policy,
    });

  it.each(policies)('under %s: does nothing where all is as we left it', (policy) => {
    expect(step(stored(), observed(), policy)).toEqual({ action: 'none' });
  });

  it.each(policies)('under %s: writes what is gone', (policy) => {
    expect(step(null, observed(), policy)).toEqual({ action: 'write', drifted: false });
    expect(step(null, null, policy)).toEqual({ action: 'write', drifted: false });
  });

  it.each(policies)('under %s: brings a new rendering to what nobody touched', (policy) => {
    expect(step(stored(), observed(), policy, renamed, 'r2')).toEqual({
      action: 'write',
      drifted: false,
    });
  });

  it.each(policies)('under %s: adopts its own write that it did not live to note', (policy) => {
    const current = stored({ title: 'west', version: 4 });
    expect(step(current, observed(), policy, renamed, 'r2')).toEqual({
      action: 'adopt',
      hash: hashOf(current),
    });
    expect(step(stored(), null, policy)).toEqual({ action: 'adopt', hash: hashOf(stored()) });
  });

  it.each(policies)('under %s: notes a version that changed nothing', (policy) => {
    expect(step(stored({ version: 4 }), observed(), policy)).toMatchObject({ action: 'adopt' });
  });

  it.each<[DriftPolicy, Plan]>([
    ['overwrite', { action: 'write', drifted: true }],
    ['warn', { action: 'leave' }],
    ['keep', { action: 'leave' }],
  ])('under %s: meets drift', (policy, expected) => {
    expect(step(edited, observed(), policy)).toEqual(expected);
    // All that is ours stands, and yet somebody changed it.
    expect(step(stored({ description: 'Mine' }), observed(), policy)).toEqual(expected);
    expect(step(edited, null, policy)).toEqual(expected);
    expect(step(edited, observed({ hash: null }), policy)).toEqual(expected);
  });

  it('notes that a drifted dashboard is right again', () => {
    expect(step(stored(), observed({ drifted: true }), 'warn')).toMatchObject({ action: 'adopt' });
  });
});

describe('hashOf', () => {
  it('does not see id, version and the order of keys', () => {
    expect(hashOf({ b: 1, a: { d: [1], c: 2 }, id: 1, version: 1 })).toBe(
      hashOf({ a: { c: 2, d: [1] }, b: 1, id: 9, version: 9 }),
    );
  });

  it.each([
    '{"b":1,"a":{"1":1,"9":2,"d":[{"z":1,"y":2}],"c":"é"},"id":4,"version":2}',
    '{"a":{"9":2,"1":1,"c":"é","d":[{"y":2,"z":1}]},"b":1}',
    '{"a":{"1":1,"9":2,"__proto__":{"x":1},"c":"é","d":[{"y":2,"z":1}]},"b":1}',
  ])('is what records of before hold, for %s', (text) => {
    expect(hashOf(JSON.parse(text) as JsonObject)).toBe('ut5S2q9EL4FLOgU2wcfPmngxt7B');
  });

  it('sees everything else', () => {
    const one = hashOf(stored());
    expect(hashOf(stored({ title: 'x' }))).not.toBe(one);
    expect(hashOf(stored({ panels: [] }))).not.toBe(one);
    expect(hashOf(stored({ panels: [{ id: 1, title: 'CPU', version: 2 }] }))).not.toBe(one);
  });
});

describe('holds', () => {
  it('lets Grafana add fields, at any depth', () => {
    const current = {
      ...stored(),
      schemaVersion: 41,
      panels: [{ id: 1, title: 'CPU', added: {} }],
    };
    expect(holds(current, wanted)).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['a changed value', stored({ title: 'x' })],
    ['a longer list', stored({ panels: [{ id: 1, title: 'CPU' }, { id: 2 }] })],
    ['a shorter list', stored({ panels: [] })],
    ['another type', stored({ panels: { 0: { id: 1, title: 'CPU' } } })],
    ['a missing field', { uid: 'u', title: 'east' }],
  ])('does not take %s for its own', (_, current) => {
    expect(holds(current, wanted)).toBe(false);
  });
});
