import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { shardKeyOf } from '../../services/dashboard/src/domain/state/shards.js';
import { pageOf } from '../../services/dashboard/src/domain/state/page.js';
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
  for (const [key, clusters] of shards) env.state.put(key, { v: 1, clusters });
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

it(`lists ${count} clusters soon after its start, and a resync of unchanged ones is cheap`, async () => {
  await using env = await startTestEnv({ templates: smallTemplates() });
  const first = env.instance();
  await first.deliver('created', { id: left, name: 'left' });
  await env.advance(minute);
  await first.stop();
  // As many more, as the first one was left.
  const record = JSON.stringify(env.state.all().get(`cluster:${left}`));
  const shards = new Map<string, Record<string, { open: boolean }>>();
  for (const id of ids) {
    env.state.put(`cluster:${id}`, JSON.parse(record.replaceAll(left, id)));
    shards.set(shardKeyOf(id), { ...shards.get(shardKeyOf(id)), [id]: { open: false } });
  }
  for (const [key, clusters] of shards) env.state.put(key, { v: 1, clusters });

  const started = performance.now();
  const service = env.instance();
  const page = await pageOf({
    ids: async () => (await service.index.list()).map(({ id }) => id),
    load: (batch) => service.records.getMany(batch),
    toRow: (row) => row,
    maySee: () => true,
    after: null,
    limit: 500,
  });
  const tookMs = performance.now() - started;
  expect(page.rows).toHaveLength(500);
  expect(tookMs).toBeLessThan(5_000);
  await service.resync.start();
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(service.statusCounts.at(-1)).toMatchObject({ ready: count });
}, 120_000);
