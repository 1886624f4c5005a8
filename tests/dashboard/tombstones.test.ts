import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const minute = 60_000;
const day = 24 * 60 * minute;
const templates = smallTemplates();

describe('a deletion', () => {
  it('outranks a late creation for thirty days, and is not listed for longer', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    const before = world.time.now();
    service.reconcile.start();
    await world.pass(minute);
    await service.deliver('deleted', { id });
    await world.pass(11 * minute);
    expect(await service.index.list()).toEqual([{ id, open: false }]);

    // Thirty days of ticks would take as long as they sound.
    await service.stop();
    await world.pass(29 * day);
    const heir = world.instance();
    await heir.deliver('created', { id, name: 'late', time: before });
    heir.reconcile.start();
    await world.pass(minute);
    expectExactly(world, []);
    await heir.stop();

    await world.pass(2 * day);
    const last = world.instance();
    last.reconcile.start();
    await world.pass(13 * minute);
    expect(await last.index.list()).toEqual([]);
    await last.deliver('created', { id, name: 'new' });
    await world.pass(minute);
    expectExactly(world, [{ id, name: 'new' }]);
    expect(await last.index.list()).toMatchObject([{ id }]);
  });
});

describe('a record that cannot be read', () => {
  it('stops no other', async () => {
    await using world = await startWorld({ templates });
    const service = world.instance();
    const broken = clusterIdSchema.parse('00000000-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    await service.index.open(broken);
    await world.state.save(`cluster:${broken}`, { v: 9 });
    await service.deliver('created', { id, name: 'east' });
    service.plug.kill();

    world.instance().reconcile.start();
    await world.pass(minute);

    expectExactly(world, [{ id, name: 'east' }]);
    expect(world.log).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a record cannot be read' }),
    );
  });
});
