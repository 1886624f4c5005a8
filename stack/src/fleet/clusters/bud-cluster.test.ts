import { describe, expect, it } from '@jest/globals';
import { fleetSchema } from '../../fakes/fake-bud-cluster/types.js';
import { fleetForBudCluster } from './bud-cluster.js';
import { demoFleet } from './demo-fleet.js';

const fleet = demoFleet({ anchor: 1_795_370_000 });

describe('fleetForBudCluster', () => {
  const clusters = fleetForBudCluster(fleet);
  const node = (name: string) =>
    clusters.flatMap(({ nodes }) => nodes).find((of) => of.name === name);

  it('is what the fake bud-cluster reads', () => {
    expect(fleetSchema.parse(clusters)).toEqual(clusters);
    expect(clusters.map(({ clusterId }) => clusterId)).toEqual(fleet.clusters.map(({ id }) => id));
  });

  it('has every node but those that vanished', () => {
    expect(clusters.map(({ nodes }) => nodes.length)).toEqual([4, 3, 3, 4, 5]);
    expect(node('prod-worker-4') ?? node('field-before')).toBeUndefined();
  });

  it.each([
    ['prod-worker-1', 'cpu', ['cpu']],
    ['ml-h100-1', 'gpu', ['gpu', 'cpu']],
    ['ml-mi300-1', 'gpu', ['gpu', 'cpu']],
    ['ml-gaudi-1', 'hpu', ['hpu', 'cpu']],
  ])('calls %s a %s node after its first device', (name, type, kinds) => {
    expect(node(name)?.type).toBe(type);
    expect(node(name)?.hardware.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('tells of what went wrong, and of nothing on a healthy node', () => {
    expect(node('prod-worker-3')?.events.map(({ reason }) => reason)).toContain('NodeNotReady');
    expect(node('stage-2')?.events).toEqual([]);
  });
});
