import { describe, expect, it } from '@jest/globals';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { Registry } from 'prom-client';
import { createTelemetry } from './telemetry.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');

/** Name and value of each cluster's series. */
async function namesIn(registry: Registry) {
  const lines = (await registry.metrics()).split('\n');
  return lines.flatMap((line) => {
    const found = /^bud_dashboard_cluster_name_\w+\{cluster_id="(.*)",name="(.*)"\} (.*)/.exec(
      line,
    );
    return found === null ? [] : [found.slice(1)];
  });
}

describe('the names of clusters', () => {
  it('are exposed with the time at which they were given, each cluster under its last one', async () => {
    const registry = new Registry();
    const telemetry = createTelemetry(registry, { clusterNames: true });
    telemetry.clusterName(id, { value: 'east', time: 1_000_500 });
    expect(await namesIn(registry)).toEqual([[id, 'east', '1000.5']]);
    telemetry.clusterName(id, { value: 'east "2"', time: 2_000_000 });
    expect(await namesIn(registry)).toEqual([[id, 'east \\"2\\"', '2000']]);
    telemetry.clusterName(id, null);
    expect(await namesIn(registry)).toEqual([]);
  });

  it('are not exposed where nobody asked for them', async () => {
    const registry = new Registry();
    createTelemetry(registry).clusterName(id, { value: 'east', time: 0 });
    expect(await namesIn(registry)).toEqual([]);
  });
});
