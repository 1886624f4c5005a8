import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { createKillSwitch } from './support/kill-switch.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type Dialect, type Instance, type TestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const second = 1_000;
const minute = 60 * second;

interface Scenario {
  what: string;
  /** What exists already when the service is about to be killed. */
  before: (env: TestEnv, service: Instance) => Promise<unknown>;
  /** What the service is doing when it is killed; undefined when it was killed before the acknowledgement. */
  act: (env: TestEnv, service: Instance) => Promise<unknown>;
  /** What must exist in the end; the token is that of the link before. */
  after: (env: TestEnv, oldToken: string | undefined) => void;
}

let clock = 0;
const nothing = () => Promise.resolve();
const tokens = (env: TestEnv) =>
  env.grafana.publicDashboards().map(({ accessToken }) => accessToken);

const scenarios: Scenario[] = [
  {
    what: 'a creation',
    before: nothing,
    act: (_, service) => service.deliver('created', { id, name: 'east', time: clock }),
    after: (env) => expectExactly(env, [{ id, name: 'east' }]),
  },
  {
    what: 'a rename',
    before: (_, service) => service.deliver('created', { id, name: 'east', time: clock - 1 }),
    act: (_, service) => service.deliver('updated', { id, name: 'west', time: clock }),
    after: (env, oldToken) => {
      expectExactly(env, [{ id, name: 'west' }]);
      expect(tokens(env)).toEqual([oldToken]);
    },
  },
  {
    what: 'a deletion',
    before: (_, service) => service.deliver('created', { id, name: 'east', time: clock - 1 }),
    act: (_, service) => service.deliver('deleted', { id, time: clock }),
    after: (env) => {
      expectExactly(env, []);
      expect(tokens(env)).toEqual([]);
    },
  },
  {
    what: 'a new link',
    before: (_, service) => service.deliver('created', { id, name: 'east', time: clock - 1 }),
    act: (_, service) =>
      service.killSwitch.orKilled(service.desiredState.handleRequest(id, { kind: 'rotate' })),
    after: (env, oldToken) => {
      expectExactly(env, [{ id, name: 'east' }]);
      expect(tokens(env)).not.toContain(oldToken);
    },
  },
];

it('forgets no cluster that it stored, though its event is not redelivered', async () => {
  await using env = await startTestEnv({ templates: smallTemplates() });
  let found = 0;
  for (let call = 1, answer: unknown; answer === undefined; call += 1) {
    env.reset();
    const killSwitch = createKillSwitch({ cutAt: { call, when: 'after' } });
    answer = await env.instance({ killSwitch }).deliver('created', { id, name: 'east' });
    killSwitch.kill();
    const isWritten = env.state.all().has(`cluster:${id}`);

    env.instance().resyncLoop.start();
    await env.advance(3 * minute);

    if (isWritten) found += 1;
    expectExactly(env, isWritten ? [{ id, name: 'east' }] : []);
  }
  expect(found).toBeGreaterThan(1);
});

/** Each resync of pending clusters samples a settled one: with these, not the one under test. */
const bystanders = [
  '7f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  '9f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
].map((text) => ({ id: clusterIdSchema.parse(text), name: 'bystander' }));

it('leaves what it stored to another replica, which finds it without a full resync', async () => {
  await using env = await startTestEnv({ templates: smallTemplates() });
  let found = 0;
  for (let call = 1, answer: unknown; answer === undefined; call += 1) {
    env.reset();
    const other = env.instance();
    other.resyncLoop.start();
    for (const cluster of [...bystanders, { id, name: 'east' }])
      await other.deliver('created', cluster);
    await env.advance(3 * minute);
    expect((await other.index.list()).filter(({ pending }) => pending)).toEqual([]);

    const rename = { id, name: 'west', time: env.time.now() };
    const killSwitch = createKillSwitch({ cutAt: { call, when: 'after' } });
    answer = await env.instance({ killSwitch }).deliver('updated', rename);
    killSwitch.kill();
    // What was not acknowledged is redelivered.
    const written = JSON.stringify(env.state.all().get(`cluster:${id}`)).includes('west');
    if (answer === undefined) await other.deliver('updated', rename);
    await env.advance(3 * minute);

    if (written) found += 1;
    expectExactly(env, [...bystanders, { id, name: 'west' }]);
  }
  expect(found).toBeGreaterThan(1);
});

describe.each<Dialect>(['9.4', 'later'])('a service that dies, against Grafana %s', (dialect) => {
  it.each(scenarios)(
    'ends right after $what, wherever it was cut off',
    async ({ before, act, after }) => {
      await using env = await startTestEnv({ dialect, templates: smallTemplates() });
      let calls = Infinity;
      // To be killed after one call is to be killed before the next.
      for (let call = 0; call <= calls; call += 1) {
        env.reset();
        clock = env.time.now();
        const first = env.instance();
        await before(env, first);
        await env.advance(0);
        const oldToken = tokens(env)[0];
        const already = env.published.length;
        first.killSwitch.kill();

        const killSwitch = createKillSwitch({
          cutAt: call === 0 ? { call: 1, when: 'before' } : { call, when: 'after' },
        });
        const dying = env.instance({ killSwitch });
        const answer = await act(env, dying);
        await env.advance(0);
        if (!killSwitch.killed) calls = killSwitch.calls.length;
        killSwitch.kill();

        const heir = env.instance();
        heir.resyncLoop.start();
        // What was not acknowledged is redelivered, or requested again.
        if (answer === undefined) await act(env, heir);
        await env.advance(3 * minute);

        try {
          after(env, oldToken);
          expect(await heir.records.get(id)).toMatchObject({
            record: { work: { lease: null, nextTry: null, error: null, doubtUntil: null } },
          });
          expect(env.published.length).toBeGreaterThan(already);
        } catch (error) {
          throw new Error(`cut off after call ${call}: ${killSwitch.calls[call - 1] ?? 'none'}`, {
            cause: error,
          });
        }
      }
      expect(calls).toBeGreaterThan(10);
    },
    120_000,
  );
});
