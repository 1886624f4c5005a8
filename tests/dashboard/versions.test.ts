import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { loadTemplates } from '../../services/dashboard/src/domain/templates/load.js';
import type { Template } from '../../services/dashboard/src/domain/templates/template.js';
import { asFirstRelease } from './support/first-release.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv, type TestEnv } from './support/test-env.js';

const fixtures = fileURLToPath(new URL('../fixtures/upgrade', import.meta.url));
const minute = 60_000;
const templates = smallTemplates();
const ofFirstRelease = smallTemplates(undefined, {
  cluster: 'Cluster',
  nodes: 'Nodes',
  power: 'Power',
  gpu: 'GPU',
});
const [east, south, id] = [
  '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  '6c2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c',
  'aaaaaaaa-6a4d-4b6e-9a51-0d4c7d0a1b2c',
].map((text) => clusterIdSchema.parse(text)) as [Id, Id, Id];
type Id = ReturnType<typeof clusterIdSchema.parse>;

/** Templates with one more word in the title of a panel, and perhaps one template more. */
function changed(word: string, more: readonly string[] = []): Template[] {
  const files = [...templates, ...more.map((name) => ({ ...templates[0]!, name }))];
  return loadTemplates(
    files.map(({ name, dashboard }) => ({
      name,
      text: JSON.stringify(dashboard).replace('"Up"', `"Up ${word}"`),
    })),
  );
}

const panelOf = (env: TestEnv, uid: string) => {
  const { data } = env.grafana.dashboards().find((dashboard) => dashboard.uid === uid)!;
  return (data['panels'] as { title: string }[])[0]!.title;
};
const titleOf = (env: TestEnv, uid: string) =>
  env.grafana.dashboards().find((dashboard) => dashboard.uid === uid)?.title;
const recordsOf = (env: TestEnv) =>
  [...env.state.all()].filter(([key]) => key.startsWith('cluster:'));

/** The state of the first release, and what Grafana held then. */
async function upgraded(change: (record: Stored) => void = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'upgrade-'));
  const grafanaFile = join(folder, 'grafana.json');
  await copyFile(join(fixtures, 'grafana.json'), grafanaFile);
  const env = await startTestEnv({ templates: ofFirstRelease, grafanaFile });
  const text = await readFile(join(fixtures, 'state.json'), 'utf8');
  for (const [key, value] of JSON.parse(text) as [string, Stored][]) {
    if (key.startsWith('cluster:')) change(value);
    env.state.put(key, value);
  }
  // After the events that are in it.
  await env.advance(60 * minute);
  const cleanUp = () => rm(folder, { recursive: true });
  return { env, [Symbol.asyncDispose]: () => env[Symbol.asyncDispose]().then(cleanUp) };
}
interface Stored {
  observed: { dashboards: Record<string, Record<string, unknown>> };
}

describe('an upgrade from the first release', () => {
  it.each(['overwrite', 'warn', 'keep'] as const)(
    'under %s: counts nothing as edited, and writes nothing that is as it was',
    async (drift) => {
      await using upgrade = await upgraded();
      const { env } = upgrade;
      const before = recordsOf(env).filter(
        ([key]) => drift !== 'overwrite' || !key.includes(south),
      );
      const service = env.instance({ drift });
      service.resyncLoop.start();
      await env.advance(25 * minute);

      // South was edited by hand, and recorded so.
      expect(env.grafana.writes.dashboardsSaved).toBe(drift === 'overwrite' ? 1 : 0);
      expect(recordsOf(env)).toEqual(expect.arrayContaining(before));
      expect(service.statusCounts.at(-1)).toMatchObject({
        ready: 3,
        drifted: drift === 'overwrite' ? 0 : 1,
      });
    },
  );

  it.each(['overwrite', 'warn', 'keep'] as const)(
    'under %s: counts nothing as edited where the hash was another function',
    async (drift) => {
      await using upgrade = await upgraded(({ observed }) => {
        for (const dashboard of Object.values(observed.dashboards)) dashboard['hash'] = 'other';
      });
      const { env } = upgrade;
      const service = env.instance({ drift, templates: changed('anew') });
      service.resyncLoop.start();
      await service.deliver('updated', { id: east, name: 'east again' });
      await env.advance(25 * minute);

      expect(service.statusCounts.at(-1)).toMatchObject({
        ready: 3,
        drifted: drift === 'overwrite' ? 0 : 1,
      });
      expect(titleOf(env, east)).toBe('east again (3f2b8f0e)');
      expect(panelOf(env, east)).toBe('Up anew');
      expect(panelOf(env, south)).toBe(drift === 'overwrite' ? 'Up anew' : 'Up');
    },
  );

  it('goes back and forward again with nothing rewritten and nothing lost', async () => {
    await using upgrade = await upgraded();
    const { env } = upgrade;
    const service = env.instance({ drift: 'keep' });
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'new' });
    await service.deliver('updated', { id: east, name: 'east again' });
    await env.advance(minute);
    await service.stop();
    const saved = env.grafana.writes.dashboardsSaved;
    // The first release writes every record once.
    for (const [key, record] of recordsOf(env)) env.state.put(key, asFirstRelease(record));
    const records = recordsOf(env);

    const again = env.instance({ drift: 'keep' });
    again.resyncLoop.start();
    await env.advance(25 * minute);

    expect(env.grafana.writes.dashboardsSaved).toBe(saved);
    expect(recordsOf(env)).toEqual(records);
    expect(again.statusCounts.at(-1)).toMatchObject({ ready: 4, drifted: 1, unreadable: 0 });
  });
});

describe('fields that a later version added', () => {
  it('are kept through events, requests and reconciles', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    await service.deliver('created', { id, name: 'a' });
    await env.advance(minute);
    const key = `cluster:${id}`;
    const mark = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).map(([name, part]) => [name, mark(part)] as const);
      return { ...Object.fromEntries(entries), later: 'field' };
    };
    const record = env.state.all().get(key) as { observed: { dashboards: object } };
    const marked = mark(record) as typeof record;
    Reflect.deleteProperty(marked.observed.dashboards, 'later');
    env.state.put(key, marked);

    await service.deliver('updated', { id, name: 'b' });
    await env.advance(minute);
    await service.desiredState.handleRequest(id, {
      kind: 'share',
      enabled: false,
      expiresAt: null,
    });
    await env.advance(minute);
    await service.deliver('deleted', { id });
    await service.deliver('created', { id, name: 'c' });
    await env.advance(minute);

    const field = { later: 'field' };
    expect(env.state.all().get(key)).toMatchObject({
      ...field,
      desired: { ...field, life: field, name: field, sharing: field },
      observed: field,
      work: field,
    });
  });
});

describe('two versions side by side', () => {
  const looks = async (env: TestEnv) => {
    const { dashboardsSaved } = env.grafana.writes;
    const records = recordsOf(env);
    await env.advance(60 * minute);
    expect(env.grafana.writes.dashboardsSaved).toBe(dashboardsSaved);
    expect(recordsOf(env)).toEqual(records);
  };

  it.each([
    ['of a later release, though it was started first', '1.10.0', '1.9.0', true],
    ['of the same release, started later', '1.0.0', '1.0.0', false],
  ])('do not rewrite each other: the templates %s win', async (_, newer, older, first) => {
    await using env = await startTestEnv({ templates });
    const startNew = () => env.instance({ version: newer, templates: changed('new', ['extra']) });
    const startOld = () => env.instance({ version: older, templates: changed('old') });
    const a = first ? startNew() : startOld();
    a.resyncLoop.start();
    await a.deliver('created', { id, name: 'a' });
    await env.advance(minute);
    const b = first ? startOld() : startNew();
    b.resyncLoop.start();
    await env.advance(60 * minute);
    expect(panelOf(env, id)).toBe('Up new');
    await looks(env);

    // The older one renames, and changes nothing else.
    const old = first ? b : a;
    await old.deliver('updated', { id, name: 'b' });
    await env.advance(minute);
    expect([titleOf(env, id), panelOf(env, id)]).toEqual(['b (aaaaaaaa)', 'Up new']);
    await env.advance(60 * minute);
    await looks(env);
    expect(env.grafana.dashboards()).toHaveLength(5);
  });

  it('repair what is missing, whoever finds it', async () => {
    await using env = await startTestEnv({ templates });
    const newer = env.instance({ version: '2.0.0', templates: changed('new') });
    await newer.deliver('created', { id, name: 'a' });
    await env.advance(minute);
    await newer.stop();
    const old = env.instance({ version: '1.0.0', templates: changed('old') });
    old.resyncLoop.start();
    await env.advance(20 * minute);
    expect(panelOf(env, id)).toBe('Up new');
    env.grafana.wipe();
    await env.advance(20 * minute);
    expect(panelOf(env, id)).toBe('Up old');
  });
});
