import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const minute = 60_000;
const day = 24 * 60 * minute;
const templates = smallTemplates();

describe('a deletion', () => {
  it('outranks a late creation for thirty days, and is not listed for longer', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const before = env.time.now();
    service.resyncLoop.start();
    await env.advance(minute);
    await service.deliver('deleted', { id });
    await env.advance(11 * minute);
    expect(await service.index.list()).toEqual([{ id, pending: false }]);

    // Thirty days of ticks would take as long as they sound.
    await service.stop();
    await env.advance(29 * day);
    const heir = env.instance();
    await heir.deliver('created', { id, name: 'late', time: before });
    heir.resyncLoop.start();
    await env.advance(minute);
    expectExactly(env, []);
    await heir.stop();

    await env.advance(2 * day);
    const last = env.instance();
    last.resyncLoop.start();
    await env.advance(13 * minute);
    expect(await last.index.list()).toEqual([]);
    await last.deliver('created', { id, name: 'new' });
    await env.advance(minute);
    expectExactly(env, [{ id, name: 'new' }]);
    expect(await last.index.list()).toMatchObject([{ id }]);
  }, 120_000);
});

describe('a record that cannot be read', () => {
  it('stops no other', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    const broken = clusterIdSchema.parse('00000000-6a4d-4b6e-9a51-0d4c7d0a1b2c');
    await service.index.markPending(broken);
    env.state.put(`cluster:${broken}`, { v: 9 });
    await service.deliver('created', { id, name: 'east' });
    service.killSwitch.kill();

    env.instance().resyncLoop.start();
    await env.advance(minute);

    expectExactly(env, [{ id, name: 'east' }]);
    expect(env.log).toContainEqual(
      expect.objectContaining({
        level: 'error',
        message: 'the record of a cluster cannot be read',
      }),
    );
  });
});
