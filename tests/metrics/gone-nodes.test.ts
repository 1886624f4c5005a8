import { describe, expect, it } from '@jest/globals';
import { constant, series } from '../../stack/src/fleet/index.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const upgraded = '0c000000-0000-4000-8000-000000000001';
const odd = '0c000000-0000-4000-8000-000000000002';

const end = Date.parse('2026-03-10T18:00:00Z') / 1000;
const sampled = { start: end - 20 * 3600, interval: 60 };
const at = (time: number) => time - sampled.start;
const six = at(end - 12 * 3600);
const noon = at(end - 6 * 3600);

const during =
  (from: number, to: number, value = 1) =>
  (elapsed: number) =>
    elapsed >= from && elapsed < to ? value : undefined;

/** Nodes that got another kernel at six and left at noon: the newer one sorts before and after. */
const upgradedSeries = [
  ['up', '5.10.0', '6.8.0'],
  ['down', '6.8.0', '5.10.0'],
].flatMap(([name, before = '', after = '']) => {
  const of = (release: string) => ({
    ...{ cluster: upgraded, instance: `${name}:9100`, nodename: `${name}` },
    ...{ sysname: 'Linux', machine: 'x86_64', release },
  });
  return [
    series('node_uname_info', of(before), during(0, six)),
    series('node_uname_info', of(after), during(six, noon)),
  ];
});

/** Names that mean something else in an expression. */
const oddNames = ['[fd00::1]:9100', 'a.b+(c|d)*:9100', 'quote"d\\:9100', 'line{1}$:9100'];
const oddSeries = [
  series(
    'node_uname_info',
    { cluster: odd, instance: 'stays:9100', nodename: 'stays' },
    constant(1),
  ),
  // Today it was not there any more.
  series(
    'node_uname_info',
    { cluster: odd, instance: 'before:9100', nodename: 'before' },
    during(0, at(end - 18 * 3600 - 120)),
  ),
  ...oddNames.map((instance, index) =>
    series(
      'node_uname_info',
      { cluster: odd, instance, nodename: `odd-${index}` },
      during(0, noon),
    ),
  ),
];

describe.each(stores)('on the store: %s', (version) => {
  let service: TestService;

  const all = [upgradedSeries, oddSeries].flat();
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it('has the last kernel of a node that is gone', async () => {
    const { nodes } = await service.nodeMetrics(upgraded);
    expect(nodes['up']?.system_info.kernel).toBe('6.8.0');
    expect(nodes['down']?.system_info.kernel).toBe('5.10.0');
  });

  it('finds the nodes that are gone whatever their names', async () => {
    const { nodes } = await service.metrics(odd, 'series=false&metric_type=memory');
    expect(Object.keys(nodes).sort()).toEqual([...oddNames, 'stays:9100'].sort());
    const detailed = await service.nodeMetrics(odd);
    expect(
      Object.values(detailed.nodes)
        .map(({ hostname }) => hostname)
        .sort(),
    ).toEqual(['before', 'odd-0', 'odd-1', 'odd-2', 'odd-3', 'stays']);
  });
});
