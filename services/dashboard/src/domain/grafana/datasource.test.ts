import { describe, expect, it } from '@jest/globals';
import { chooseDatasource } from './datasource.js';

const source = (uid: string, type = 'prometheus', isDefault = false) => ({ uid, type, isDefault });

describe('the data source in place of one that is missing', () => {
  it.each([
    ['the only one of its type', [source('logs', 'loki', true), source('a')], 'a'],
    ['the default one of several', [source('a'), source('b', 'prometheus', true)], 'b'],
    ['the configured one, to come', [source('logs', 'loki', true)], null],
    ['the configured one, where nothing is', [], null],
  ])('is %s', (_, existing, uid) => {
    const chosen = chooseDatasource(existing, 'wanted');
    expect(chosen?.ok === true ? chosen.source.uid : chosen).toBe(uid);
  });

  it('is not guessed: it says what to set', () => {
    const existing = [source('b'), source('a'), source('logs', 'loki', true)];
    const chosen = chooseDatasource(existing, 'wanted');
    expect(chosen).toMatchObject({ ok: false });
    expect(chosen?.ok === false ? chosen.problem : '').toMatch(
      /lacks the data source wanted .*GRAFANA_DATASOURCE_UID to one of a, b$/,
    );
  });
});
