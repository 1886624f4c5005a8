import { clusterIdSchema, type ClusterId } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Sightings } from '../../services/dashboard/src/ports.js';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type World } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const minute = 60_000;
const templates = smallTemplates();

/** A store in which each cluster has samples in some spans of time, Unix ms. */
function createSky(): Sightings & { spans: Map<ClusterId, [number, number][]>; down: boolean } {
  const spans = new Map<ClusterId, [number, number][]>();
  const sky = {
    spans,
    down: false,
    candidates: () =>
      sky.down ? Promise.reject(new Error('no store')) : Promise.resolve([...spans.keys()]),
    seenAt: (ids: readonly ClusterId[], at: number) =>
      Promise.resolve(
        new Set(
          ids.filter((one) =>
            spans.get(one)?.some(([from, to]) => from <= at && at <= to + 5 * minute),
          ),
        ),
      ),
  };
  return sky;
}

function startOver(world: World) {
  const sky = createSky();
  const service = world.instance({ sightings: sky });
  service.reconcile.start();
  return { sky, service };
}

describe('a cluster that no event announced', () => {
  it('gets its dashboards once it has been there for ten minutes, under its id as its name', async () => {
    await using world = await startWorld({ templates });
    const { sky } = startOver(world);
    sky.spans.set(id, [[world.time.now() + minute, Infinity]]);

    await world.pass(9 * minute);
    expectExactly(world, []);
    await world.pass(6 * minute);

    expectExactly(world, [{ id, name: id }]);
  });

  it('takes the name that an event gives it, even one from before', async () => {
    await using world = await startWorld({ templates });
    const { sky, service } = startOver(world);
    const before = world.time.now() - minute;
    sky.spans.set(id, [[before, Infinity]]);
    await world.pass(15 * minute);
    expectExactly(world, [{ id, name: id }]);

    await service.deliver('created', { id, name: 'east', time: before });
    await world.pass(minute);

    expectExactly(world, [{ id, name: 'east' }]);
  });

  it('is left alone when it is there for a moment only', async () => {
    await using world = await startWorld({ templates });
    const { sky } = startOver(world);
    const now = world.time.now();
    sky.spans.set(id, [[now, now + 2 * minute]]);
    await world.pass(60 * minute);
    expectExactly(world, []);
  });

  it('does not wait for a store that is down', async () => {
    await using world = await startWorld({ templates });
    const { sky, service } = startOver(world);
    sky.down = true;
    await service.deliver('created', { id, name: 'east' });
    await world.pass(30 * minute);
    expectExactly(world, [{ id, name: 'east' }]);
    expect(world.log.map(({ message }) => message)).toContain(
      'clusters could not be looked for in the store of metrics',
    );
  });
});

describe('a cluster that was deleted', () => {
  it('stays away though its label goes on', async () => {
    await using world = await startWorld({ templates });
    const { sky, service } = startOver(world);
    sky.spans.set(id, [[world.time.now() - 60 * minute, Infinity]]);
    await service.deliver('created', { id, name: 'east' });
    await world.pass(minute);
    await service.deliver('deleted', { id });
    await world.pass(120 * minute);
    expectExactly(world, []);
  });

  it('comes back when its label was gone and is there again', async () => {
    await using world = await startWorld({ templates });
    const { sky, service } = startOver(world);
    const now = world.time.now();
    sky.spans.set(id, [
      [now - 60 * minute, now + minute],
      [now + 60 * minute, Infinity],
    ]);
    await service.deliver('created', { id, name: 'east' });
    await world.pass(minute);
    await service.deliver('deleted', { id });
    await world.pass(58 * minute);
    expectExactly(world, []);

    await world.pass(30 * minute);

    expectExactly(world, [{ id, name: 'east' }]);
  });
});
