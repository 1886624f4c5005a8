import { describe, expect, it } from '@jest/globals';
import { constant, ramp, series, type KnownSeries } from '../../stack/src/fleet/index.js';
import { every } from './support/sampled-node.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const hour = 3600;
const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const start = end - 72 * hour;
const ids = [1, 2, 3].map((digit) => `0c500000-0000-4000-8000-00000000000${digit}`);
const [daily = '', recent = '', renamed = ''] = ids;

/** A node whose exporter of power names it by its name, and who says so only at some times. */
function node(cluster: string, index: number, known: readonly number[]): KnownSeries[] {
  const [instance, name] = [`10.0.0.${index}:9100`, `node-${index}`];
  const kernel = cluster === renamed ? `kernel-${index}` : name;
  const add = (own: KnownSeries, times: readonly number[]) => ({ ...own, times });
  const always = every(300, { from: start, to: end });
  const kubernetes = { cluster, node: name, internal_ip: `10.0.0.${index}` };
  return [
    add(series('node_memory_MemTotal_bytes', { cluster, instance }, constant(8e9)), always),
    add(series('node_memory_MemAvailable_bytes', { cluster, instance }, constant(2e9)), always),
    add(series('kepler_node_platform_joules_total', { cluster, instance: name }, ramp(50)), always),
    add(series('node_uname_info', { cluster, instance, nodename: kernel }, constant(1)), known),
    ...(cluster === renamed ? [add(series('kube_node_info', kubernetes, constant(1)), known)] : []),
  ];
}

const midnights = every(24 * hour, { from: start - 12 * hour, to: end });
const today = every(300, { from: end - 20 * hour, to: end });
const all = [
  ...[1, 2].flatMap((index) => node(daily, index, midnights.slice(1))),
  ...[1, 2].flatMap((index) => node(recent, index, today)),
  // One that came later must not seem to have been there.
  ...[
    series(
      'node_uname_info',
      { cluster: recent, instance: '10.0.0.3:9100', nodename: 'late' },
      '1',
    ),
  ].map((own) => ({ ...own, values: constant(1), times: today })),
  ...[1, 2].flatMap((index) => node(renamed, index, today)),
];

describe.each(stores)('a window in which nothing names the nodes, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { start, end, interval: 300, series: all }, (started) => {
    service = started;
  });

  it.each([
    ['of which there is a sample a day', daily],
    ['that are named since', recent],
    ['whose kernel calls them otherwise', renamed],
  ])('has each once: nodes %s', async (_what, cluster) => {
    const window = `start=${end - 60 * hour}&end=${end - 58 * hour}&series=false`;
    const { nodes, coverage, warnings } = await service.metrics(cluster, window);
    expect(Object.keys(nodes).sort()).toEqual(['10.0.0.1:9100', '10.0.0.2:9100']);
    for (const { power, memory } of Object.values(nodes)) {
      expect(memory!.average).toBe(75);
      expect(power!.average_watts).toBe(50);
    }
    expect(coverage.nodes_expected).toBe(2);
    expect(warnings.map(({ code }) => code)).not.toContain('unknown_node');
  });
});
