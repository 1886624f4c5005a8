import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { createPlug } from './support/kill-switch.js';
import { smallTemplates } from './support/small-templates.js';
import { startWorld, type Dialect, type Instance, type World } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;

interface Story {
  what: string;
  /** What is there already when the service is about to die. */
  before: (world: World, service: Instance) => Promise<unknown>;
  /** What the service is doing when it dies; undefined when it did not live to acknowledge it. */
  act: (world: World, service: Instance) => Promise<unknown>;
  /** What must be there in the end; the token is that of the link before. */
  after: (world: World, oldToken: string | undefined) => void;
}

let clock = 0;
const nothing = () => Promise.resolve();
const tokens = (world: World) => world.grafana.shares().map(({ accessToken }) => accessToken);

const stories: Story[] = [
  {
    what: 'a creation',
    before: nothing,
    act: (_, service) => service.deliver('created', { id, name: 'east', time: clock }),
    after: (world) => expectExactly(world, [{ id, name: 'east' }]),
  },
  {
    what: 'a rename',
    before: (_, service) => service.deliver('created', { id, name: 'east', time: clock - 1 }),
    act: (_, service) => service.deliver('updated', { id, name: 'west', time: clock }),
    after: (world, oldToken) => {
      expectExactly(world, [{ id, name: 'west' }]);
      expect(tokens(world)).toEqual([oldToken]);
    },
  },
  {
    what: 'a deletion',
    before: (_, service) => service.deliver('created', { id, name: 'east', time: clock - 1 }),
    act: (_, service) => service.deliver('deleted', { id, time: clock }),
    after: (world) => {
      expectExactly(world, []);
      expect(tokens(world)).toEqual([]);
    },
  },
  {
    what: 'a new link',
    before: (_, service) => service.deliver('created', { id, name: 'east', time: clock - 1 }),
    act: (_, service) => service.plug.orDead(service.intake.request(id, { kind: 'rotate' })),
    after: (world, oldToken) => {
      expectExactly(world, [{ id, name: 'east' }]);
      expect(tokens(world)).not.toContain(oldToken);
    },
  },
];

it('forgets no cluster that it wrote down, though its event never comes again', async () => {
  await using world = await startWorld({ templates: smallTemplates() });
  let found = 0;
  for (let call = 1, answer: unknown; answer === undefined; call += 1) {
    world.wipe();
    const plug = createPlug({ cutAt: { call, when: 'after' } });
    answer = await world.instance({ plug }).deliver('created', { id, name: 'east' });
    plug.kill();
    const isWritten = world.state.all().has(`cluster:${id}`);

    world.instance().reconcile.start();
    await world.pass(3 * minute);

    if (isWritten) found += 1;
    expectExactly(world, isWritten ? [{ id, name: 'east' }] : []);
  }
  expect(found).toBeGreaterThan(1);
});

/** Each look for open work takes one that is done with it: with these, none that this is about. */
const bystanders = [
  '7f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  '9f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
].map((text) => ({ id: clusterIdSchema.parse(text), name: 'bystander' }));

it('leaves what it wrote down to another replica, which need not look at all clusters to find it', async () => {
  await using world = await startWorld({ templates: smallTemplates() });
  let found = 0;
  for (let call = 1, answer: unknown; answer === undefined; call += 1) {
    world.wipe();
    const other = world.instance();
    other.reconcile.start();
    for (const cluster of [...bystanders, { id, name: 'east' }])
      await other.deliver('created', cluster);
    await world.pass(3 * minute);
    expect((await other.index.list()).filter(({ open }) => open)).toEqual([]);

    const rename = { id, name: 'west', time: world.time.now() };
    const plug = createPlug({ cutAt: { call, when: 'after' } });
    answer = await world.instance({ plug }).deliver('updated', rename);
    plug.kill();
    // What was not acknowledged is delivered again.
    const written = JSON.stringify(world.state.all().get(`cluster:${id}`)).includes('west');
    if (answer === undefined) await other.deliver('updated', rename);
    await world.pass(3 * minute);

    if (written) found += 1;
    expectExactly(world, [...bystanders, { id, name: 'west' }]);
  }
  expect(found).toBeGreaterThan(1);
});

describe.each<Dialect>(['9.4', 'later'])('a service that dies, against Grafana %s', (dialect) => {
  it.each(stories)(
    'ends right after $what, wherever it was cut off',
    async ({ before, act, after }) => {
      await using world = await startWorld({ dialect, templates: smallTemplates() });
      let calls = Infinity;
      // To die after one call is to die before the next.
      for (let call = 0; call <= calls; call += 1) {
        world.wipe();
        clock = world.time.now();
        const first = world.instance();
        await before(world, first);
        await world.pass(0);
        const oldToken = tokens(world)[0];
        const already = world.published.length;
        first.plug.kill();

        const plug = createPlug({
          cutAt: call === 0 ? { call: 1, when: 'before' } : { call, when: 'after' },
        });
        const dying = world.instance({ plug });
        const answer = await act(world, dying);
        await world.pass(0);
        if (!plug.dead) calls = plug.calls.length;
        plug.kill();

        const heir = world.instance();
        heir.reconcile.start();
        // What was not acknowledged is delivered, or asked for, again.
        if (answer === undefined) await act(world, heir);
        await world.pass(3 * minute);

        try {
          after(world, oldToken);
          expect(await heir.records.get(id)).toMatchObject({
            record: { work: { lease: null, nextTry: null, error: null, doubtUntil: null } },
          });
          expect(world.published.length).toBeGreaterThan(already);
        } catch (error) {
          throw new Error(`cut off after call ${call}: ${plug.calls[call - 1] ?? 'none'}`, {
            cause: error,
          });
        }
      }
      expect(calls).toBeGreaterThan(10);
    },
    120_000,
  );
});
