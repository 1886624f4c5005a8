import { describe, expect, it } from '@jest/globals';
import { filterAlerts, filterMetadata, filterRules } from './label-filters.js';

const scope = { cluster: 'me' };
const limited = { cluster: 'me', namespaces: ['a'] };
const alerts = [
  { labels: { cluster: 'me', namespace: 'a', alertname: '1' } },
  { labels: { cluster: 'me', namespace: 'b', alertname: '2' } },
  { labels: { cluster: 'me', alertname: '3' } },
  { labels: { cluster: 'other', namespace: 'a', alertname: '4' } },
  { labels: { alertname: '5' } },
  {},
];
const names = (found: { alerts: { labels?: Readonly<Record<string, string>> }[] }) =>
  found.alerts.map(({ labels }) => labels?.['alertname']);

describe('alerts', () => {
  it('are those of the cluster', () => {
    expect(names(filterAlerts({ alerts }, scope))).toEqual(['1', '2', '3']);
  });
  it('are those of the namespaces, where limited', () => {
    expect(names(filterAlerts({ alerts }, limited))).toEqual(['1']);
    expect(names(filterAlerts({ alerts }, { cluster: 'me', namespaces: [] }))).toEqual([]);
  });
  it('may be none', () => {
    expect(filterAlerts({}, scope)).toEqual({ alerts: [] });
  });
});

describe('rules', () => {
  const own = { name: 'own', labels: { cluster: 'me' }, alerts };
  const recording = { name: 'recording', labels: { cluster: 'me', namespace: 'a' } };
  const groups = [
    { name: 'mixed', file: 'x', rules: [own, recording, { name: 'bare', alerts }] },
    { name: 'other', rules: [{ name: 'other', labels: { cluster: 'other' } }] },
    { name: 'empty' },
  ];
  it('are those whose labels carry the cluster, with its alerts alone', () => {
    const [group, ...more] = filterRules({ groups }, scope).groups;
    expect(more).toEqual([]);
    expect(group).toMatchObject({ name: 'mixed', file: 'x', rules: [{ name: 'own' }, recording] });
    expect(group?.rules?.[1]).not.toHaveProperty('alerts');
    expect(names({ alerts: group?.rules?.[0]?.alerts ?? [] })).toEqual(['1', '2', '3']);
  });
  it('are those of the namespaces, where limited', () => {
    expect(filterRules({ groups }, limited).groups).toMatchObject([{ rules: [recording] }]);
  });
  it('may be none', () => {
    expect(filterRules({}, scope)).toEqual({ groups: [] });
  });
});

describe('metadata', () => {
  it('is that of families of which there is a series, under whatever of their names', () => {
    const data = {
      up: [{ type: 'gauge' }],
      http: [{ type: 'counter' }],
      lat: [{ type: 'histogram' }],
      target: [{ type: 'info' }],
      secret: [{ type: 'counter' }],
      up2: [{ type: 'unknown' }],
    };
    const found = new Set(['up', 'http_total', 'lat_bucket', 'target_info', 'secrets']);
    expect(Object.keys(filterMetadata(data, found))).toEqual(['up', 'http', 'lat', 'target']);
  });
  it.each(['gauge', 'unknown', 'stateset', 'summary', ''])(
    'says nothing of another cluster’s %s whose name only begins alike',
    (type) => {
      const data = { widgets: [{ type, help: 'of another cluster' }] };
      expect(filterMetadata(data, new Set(['widgets_total', 'widgets_bucket']))).toEqual({});
    },
  );
  it('leaves out the entries of a family that describe a type of which there is no series', () => {
    const counter = { type: 'counter', help: 'ours' };
    const data = { widgets: [{ type: 'gauge', help: 'of another cluster' }, counter] };
    expect(filterMetadata(data, new Set(['widgets_total']))).toEqual({ widgets: [counter] });
  });
});
