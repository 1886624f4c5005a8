import { describe, expect, it } from '@jest/globals';
import { constant, series, type ValueAt } from '../../stack/src/fleet/index.js';
import { day, expectNear } from './support/near.js';
import { serveForAll, type TestService } from './support/service.js';
import { stores } from './support/store.js';

const jumps = '0d400000-0000-4000-8000-000000000001';

const end = Date.parse('2026-03-10T12:00:00Z') / 1000;
const sampled = { start: end - 3 * day, interval: 60 };
/** In the morning of the last day. */
const jumped = end - 4 * 3600 - 600 - sampled.start;

/** Joules of 40 W, and what is added to them. */
const joules =
  (added: (elapsed: number) => number, base = 1e6): ValueAt =>
  (elapsed) =>
    base + 40 * elapsed + added(elapsed);
const once = (amount: number) =>
  joules((elapsed) => (elapsed >= jumped && elapsed < jumped + 60 ? amount : 0));

const counters: Readonly<Record<string, ValueAt>> = {
  // One sample is far above the others, by what cannot be even of a day or by what can.
  'far-above': once(1e15),
  above: once(1e9),
  // What the counter says is more from then on.
  stays: joules((elapsed) => (elapsed >= jumped ? 3e8 : 0)),
  // One that falls a little seems to have begun anew.
  falls: joules((elapsed) => (elapsed >= jumped ? -1e4 : 0), 5e7),
  // No jump: it had three hours of much work.
  works: joules((elapsed) => 1460 * Math.min(Math.max(0, elapsed - jumped), 3 * 3600)),
};

const all = Object.entries(counters).flatMap(([node, values]) => [
  series(
    'kepler_node_package_joules_total',
    { cluster: jumps, instance: node, package: '0', mode: 'dynamic' },
    values,
  ),
  series(
    'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
    { cluster: jumps, instance: '10.0.0.1:9400', Hostname: node, UUID: `GPU-${node}`, gpu: '0' },
    (elapsed, time) => 1000 * (values as (elapsed: number, time: number) => number)(elapsed, time),
  ),
  series(
    'DCGM_FI_DEV_GPU_UTIL',
    { cluster: jumps, instance: '10.0.0.1:9400', Hostname: node, UUID: `GPU-${node}`, gpu: '0' },
    constant(50),
  ),
]);

describe.each(stores)('counters of joules that jump, on the store: %s', (version) => {
  let service: TestService;
  serveForAll(version, { ...sampled, end, series: all }, (started) => (service = started));

  it.each([
    { query: 'time_range=today', hours: 12 },
    { query: 'time_range=7days', hours: 72 },
    { query: `start=${end - 5 * 3600}&end=${end - 4 * 3600}&step=60`, hours: 1 },
  ])('leave the energy of the other time: $query', async ({ query, hours }) => {
    const { nodes, warnings } = await service.metrics(jumps, `series=false&${query}`);
    for (const node of ['far-above', 'above', 'stays', 'falls']) {
      const { power, gpu } = nodes[node]!;
      expectNear(power!.average_watts, 40, 0.02);
      expectNear(power!.total_kwh, (40 * hours) / 1000, 0.02);
      expectNear(gpu!.energy_kwh, (40 * hours) / 1000, 0.02);
    }
    const worked = hours === 1 ? 600 : 3 * 3600;
    const { power, gpu } = nodes['works']!;
    for (const kwh of [power!.total_kwh, gpu!.energy_kwh])
      expectNear(kwh, (40 * hours * 3600 + 1460 * worked) / 3.6e6, 0.02);
    for (const metric of ['power', 'gpu']) {
      const found = warnings.find(
        (one) => one.code === 'implausible_value' && one.metric === metric,
      );
      // VictoriaMetrics takes a small step down for what it is.
      const falls = version === 'victoria-metrics' ? [] : ['falls'];
      expect(found?.nodes?.toSorted()).toEqual(['above', ...falls, 'far-above', 'stays']);
    }
  });
});
