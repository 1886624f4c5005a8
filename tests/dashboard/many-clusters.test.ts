import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { shardKeyOf } from '../../services/dashboard/src/domain/state/shards.js';
import { expectExactly } from './support/expect-exact.js';
import { createPlug } from './support/kill-switch.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld } from './support/test-env.js';

const minute = 60_000;
const count = 10_000;
const ids = Array.from({ length: count }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f0e-6a4d-4b6e-9a51-${n.toString(16).padStart(12, '0')}`),
);
const left = clusterIdSchema.parse('aaaaaaaa-6a4d-4b6e-9a51-0d4c7d0a1b2c');

it(`finds the one that was left open among ${count} clusters without looking at all of them`, async () => {
  await using world = await startWorld({ templates: smallTemplates() });
  const before = world.instance();
  const shards = new Map<string, Record<string, { open: boolean }>>();
  for (const id of ids)
    shards.set(shardKeyOf(id), { ...shards.get(shardKeyOf(id)), [id]: { open: false } });
  for (const [key, clusters] of shards) await world.state.save(key, { v: 1, clusters });
  // Another process wrote the wish down and died.
  const dying = world.instance({ plug: createPlug() });
  await before.passes.start();
  await dying.deliver('created', { id: left, name: 'left' });
  dying.plug.kill();
  await before.stop();

  const plug = createPlug();
  const heir = world.instance({ plug });
  await heir.passes.tick();
  const reads = plug.calls.filter((call) => call.startsWith('store.get'));
  await world.pass(minute);

  expect(reads.length).toBeLessThan(12);
  expectExactly(world, [{ id: left, name: 'left' }]);
}, 60_000);
