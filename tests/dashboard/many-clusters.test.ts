import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { shardKeyOf } from '../../services/dashboard/src/domain/state/shards.js';
import { expectExactly } from './support/expect-exact.js';
import { createKillSwitch } from './support/kill-switch.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv } from './support/test-env.js';

const minute = 60_000;
const count = 10_000;
const ids = Array.from({ length: count }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f0e-6a4d-4b6e-9a51-${n.toString(16).padStart(12, '0')}`),
);
const left = clusterIdSchema.parse('aaaaaaaa-6a4d-4b6e-9a51-0d4c7d0a1b2c');

it(`finds the one pending cluster among ${count} without reading all of them`, async () => {
  await using env = await startTestEnv({ templates: smallTemplates() });
  const before = env.instance();
  const shards = new Map<string, Record<string, { open: boolean }>>();
  for (const id of ids)
    shards.set(shardKeyOf(id), { ...shards.get(shardKeyOf(id)), [id]: { open: false } });
  for (const [key, clusters] of shards) await env.state.save(key, { v: 1, clusters });
  // Another process wrote the desired state and was killed.
  const dying = env.instance({ killSwitch: createKillSwitch() });
  await before.resync.start();
  await dying.deliver('created', { id: left, name: 'left' });
  dying.killSwitch.kill();
  await before.stop();

  const killSwitch = createKillSwitch();
  const heir = env.instance({ killSwitch });
  await heir.resync.tick();
  const reads = killSwitch.calls.filter((call) => call.startsWith('store.get'));
  await env.advance(minute);

  expect(reads.length).toBeLessThan(12);
  expectExactly(env, [{ id: left, name: 'left' }]);
}, 60_000);
