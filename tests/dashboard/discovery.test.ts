import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { ClusterDiscoverySource } from '../../services/dashboard/src/ports.js';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type TestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const minute = 60_000;
const templates = smallTemplates();

/** A fake metric store in which each cluster has samples in some ranges, Unix ms. */
function createFakeSource(): ClusterDiscoverySource & {
  ranges: Map<ClusterId, [number, number][]>;
  down: boolean;
} {
  const ranges = new Map<ClusterId, [number, number][]>();
  const source = {
    ranges,
    down: false,
    candidates: () =>
      source.down ? Promise.reject(new Error('no store')) : Promise.resolve([...ranges.keys()]),
    activeAt: (ids: readonly ClusterId[], at: number) =>
      Promise.resolve(
        new Set(
          ids.filter((one) =>
            ranges.get(one)?.some(([from, to]) => from <= at && at <= to + 5 * minute),
          ),
        ),
      ),
  };
  return source;
}

function startOver(env: TestEnv) {
  const source = createFakeSource();
  const service = env.instance({ discoverySource: source });
  service.resyncLoop.start();
  return { source, service };
}

describe('a cluster without an event', () => {
  it('gets its dashboards once it has been there for ten minutes, under its id as its name', async () => {
    await using env = await startTestEnv({ templates });
    const { source } = startOver(env);
    source.ranges.set(id, [[env.time.now() + minute, Infinity]]);

    await env.advance(9 * minute);
    expectExactly(env, []);
    await env.advance(6 * minute);

    expectExactly(env, [{ id, name: id }]);
  });

  it('takes the name that an event gives it, even one from before', async () => {
    await using env = await startTestEnv({ templates });
    const { source, service } = startOver(env);
    const before = env.time.now() - minute;
    source.ranges.set(id, [[before, Infinity]]);
    await env.advance(15 * minute);
    expectExactly(env, [{ id, name: id }]);

    await service.deliver('created', { id, name: 'east', time: before });
    await env.advance(minute);

    expectExactly(env, [{ id, name: 'east' }]);
  });

  it('is not discovered when it has samples for a short time only', async () => {
    await using env = await startTestEnv({ templates });
    const { source } = startOver(env);
    const now = env.time.now();
    source.ranges.set(id, [[now, now + 2 * minute]]);
    await env.advance(60 * minute);
    expectExactly(env, []);
  });

  it('does not wait for a store that is down', async () => {
    await using env = await startTestEnv({ templates });
    const { source, service } = startOver(env);
    source.down = true;
    await service.deliver('created', { id, name: 'east' });
    await env.advance(30 * minute);
    expectExactly(env, [{ id, name: 'east' }]);
    expect(env.log.map(({ message }) => message)).toContain(
      'clusters could not be discovered in the metric store',
    );
  });
});

describe('a cluster that was deleted', () => {
  it('stays away though its label goes on', async () => {
    await using env = await startTestEnv({ templates });
    const { source, service } = startOver(env);
    source.ranges.set(id, [[env.time.now() - 60 * minute, Infinity]]);
    await service.deliver('created', { id, name: 'east' });
    await env.advance(minute);
    await service.deliver('deleted', { id });
    await env.advance(120 * minute);
    expectExactly(env, []);
  });

  it('comes back when its label was gone and is there again', async () => {
    await using env = await startTestEnv({ templates });
    const { source, service } = startOver(env);
    const now = env.time.now();
    source.ranges.set(id, [
      [now - 60 * minute, now + minute],
      [now + 60 * minute, Infinity],
    ]);
    await service.deliver('created', { id, name: 'east' });
    await env.advance(minute);
    await service.deliver('deleted', { id });
    await env.advance(58 * minute);
    expectExactly(env, []);

    await env.advance(30 * minute);

    expectExactly(env, [{ id, name: 'east' }]);
  });
});
