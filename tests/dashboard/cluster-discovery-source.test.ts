import { createPrometheusClient } from '@bud-monitoring/client/prometheus';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { createClusterDiscoverySource } from '../../services/dashboard/src/adapters/cluster-discovery-source.js';
import { constant, series } from '../../stack/src/fleet/index.js';
import { startStore, versions } from '../metrics/support/store.js';

const end = Date.parse('2026-03-10T12:00:00Z');
const minute = 60_000;
const idOf = (n: number) => clusterIdSchema.parse(`00000000-0000-4000-8000-00000000000${n}`);
const [steady, unusual, gone, young] = [idOf(1), idOf(2), idOf(3), idOf(4)];
/** Its agents write it in capitals. */
const capitals = clusterIdSchema.parse('00000000-0000-4000-8000-00000000000a');

it.each(versions)(
  'sees which clusters had samples when, in Prometheus %s',
  async (version) => {
    const batch = (cluster: string, name: string, from: number, to: number) => ({
      series: [series(name, { cluster }, constant(1))],
      start: (end - from * minute) / 1_000,
      end: (end - to * minute) / 1_000,
      interval: 60,
    });
    await using store = await startStore(
      [
        batch(steady, 'up', 60, 0),
        batch(unusual, 'something_else', 60, 0),
        batch(gone, 'up', 60, 20),
        batch(young, 'up', 8, 0),
        batch('not-an-id', 'up', 60, 0),
        batch(capitals.toUpperCase(), 'up', 60, 0),
      ],
      version,
    );
    const discoverySource = createClusterDiscoverySource({
      client: createPrometheusClient({ url: store.url }),
    });
    const all = [steady, unusual, gone, young, capitals];

    const candidates = await discoverySource.candidates(end);
    expect(candidates).toEqual(expect.arrayContaining([steady, unusual, young, capitals]));
    expect(all).toEqual(expect.arrayContaining(candidates));
    expect([...(await discoverySource.activeAt(all, end))].sort()).toEqual([
      steady,
      unusual,
      young,
      capitals,
    ]);
    expect([...(await discoverySource.activeAt(all, end - 10 * minute))].sort()).toEqual([
      steady,
      unusual,
      capitals,
    ]);
    expect([...(await discoverySource.activeAt(all, end - 22 * minute))].sort()).toEqual([
      steady,
      unusual,
      gone,
      capitals,
    ]);
    expect(await discoverySource.activeAt([], end)).toEqual(new Set());
  },
  60_000,
);
