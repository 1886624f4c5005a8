import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { titlesOf } from '../chaos/support/grafana-diff.js';
import { createMemoryState, type MemoryState } from '../dashboard/support/memory-state.js';
import { createAdmin } from './support/admin.js';
import { copyOfTemplates } from './support/templates.js';
import { isFailed, isGone, isReady, startService, type Service } from './support/service.js';
import { targets, type OpenTarget } from './support/target.js';

const hostile = [
  'east "1" \'2\' `3`',
  'a/b\\c/../d?e=f#g',
  '${cluster} $cluster ${datasource} $__interval [[cluster]] {{cluster}}',
  '<script>alert(1)</script>',
  'n'.repeat(300),
  '東京 Zürich 🚀'.repeat(30),
  'line\nbreak\u2028and\ttab\u0000end',
  'General',
  '../../api/admin',
  '   ',
];

describe.each(targets(process.env))('against $name', ({ open }) => {
  let target: OpenTarget;
  let admin: ReturnType<typeof createAdmin>;
  let uniqueTitles: boolean;
  let state: MemoryState;
  let services: Service[] = [];
  let id: string;
  let made: string[] = [];
  const folder = `Bud Monitoring test ${randomUUID().slice(0, 8)}`;

  const start = async (options: { token?: string; environment?: Record<string, string> } = {}) => {
    const service = await startService({ target, state, folder, ...options });
    services.push(service);
    return service;
  };
  const stop = async () => {
    for (const service of services.splice(0)) await service[Symbol.asyncDispose]();
  };
  const newId = () => {
    const clusterId = randomUUID();
    made.push(clusterId);
    return clusterId;
  };
  const titles = async (clusterId = id) =>
    (await admin.dashboards(clusterId)).map(({ uid, title }) => [uid, title]);
  const versions = async () => (await admin.dashboards(id)).map(({ version }) => version);
  const tokens = async () => (await admin.links(id)).map(({ accessToken }) => accessToken);
  const until = async (wanted: () => Promise<boolean>) => {
    const deadline = performance.now() + 20_000;
    while (!(await wanted()) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
  };

  beforeAll(async () => {
    target = await open();
    admin = createAdmin(target);
    uniqueTitles = await admin.hasUniqueTitles();
  });
  beforeEach(() => {
    state = createMemoryState({ clock: Date });
    id = newId();
  });
  afterEach(async () => {
    await stop();
    for (const clusterId of made.splice(0))
      for (const { uid } of await admin.dashboards(clusterId)) await admin.remove(uid);
    services = [];
    made = [];
  });
  afterAll(async () => {
    await admin.removeFolder(folder);
    await admin.cleanUp();
    await target[Symbol.asyncDispose]();
  });

  it('creates four dashboards in the folder, and one link that opens', async () => {
    const service = await start();
    await service.deliver('created', { clusterId: id, name: 'east' });
    const { body } = await service.until(id, isReady);

    expect(await titles()).toEqual(titlesOf(id, 'east'));
    expect((await admin.dashboards(id)).map(({ folderTitle }) => folderTitle)).toEqual(
      Array.from({ length: 4 }, () => folder),
    );
    const [accessToken = ''] = await tokens();
    expect(await tokens()).toHaveLength(1);
    expect(body.data?.['url']).toMatch(new RegExp(`/public-dashboards/${accessToken}$`));
    expect(await admin.visit(accessToken)).toBe(200);
  });

  it('renames in place, and keeps the link', async () => {
    const service = await start();
    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.until(id, isReady);
    const before = await tokens();

    await service.deliver('updated', { clusterId: id, name: 'west' });
    await service.until(id, (answer) => isReady(answer) && answer.body.data?.['name'] === 'west');

    expect(await titles()).toEqual(titlesOf(id, 'west'));
    expect(await tokens()).toEqual(before);
  });

  it('writes nothing where nothing changed', async () => {
    const service = await start();
    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.until(id, isReady);
    const before = await versions();

    await service.deliver('updated', { clusterId: id, name: 'east' });
    await service.call('POST', id);
    await stop();
    await (await start()).until(id, isReady);
    // Looks at all clusters come every second.
    await new Promise((resolve) => setTimeout(resolve, 2_500));

    expect(await versions()).toEqual(before);
    expect(await admin.links(id)).toHaveLength(1);
  });

  it('deletes dashboards and link, and the link is dead', async () => {
    const service = await start();
    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.until(id, isReady);
    const [accessToken = ''] = await tokens();

    await service.deliver('deleted', { clusterId: id });
    await service.until(id, isGone);
    await until(async () => (await titles()).length === 0);

    expect(await titles()).toEqual([]);
    expect(await admin.links(id)).toEqual([]);
    expect(await admin.visit(accessToken)).toBeGreaterThanOrEqual(400);
  });

  it('makes a new link and kills the old', async () => {
    const service = await start();
    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.until(id, isReady);
    const [old = ''] = await tokens();

    expect((await service.call('POST', id, '/rotate-link')).status).toBe(200);

    const [fresh = '', ...more] = await tokens();
    expect(more).toEqual([]);
    expect(await admin.visit(fresh)).toBe(200);
    expect(await admin.visit(old)).toBeGreaterThanOrEqual(400);
  });

  it.each(['overwrite', 'warn', 'keep'])('meets a change by hand under %s', async (policy) => {
    const environment = { DRIFT_POLICY: policy };
    const service = await start({ environment });
    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.until(id, isReady);
    await admin.edit(id, 'Mine');

    const description = async () =>
      (await admin.dashboards(id)).find(({ uid }) => uid === id)?.description;
    if (policy === 'overwrite') await until(async () => (await description()) !== 'Mine');
    else
      await service.until(id, ({ body }) => {
        const all = body.data?.['dashboards'] as { uid: string; drifted: boolean }[];
        return all.some(({ uid, drifted }) => uid === id && drifted);
      });

    const isKept = (await description()) === 'Mine';
    expect(isKept).toBe(policy !== 'overwrite');
    expect(await titles()).toEqual(titlesOf(id, 'east'));
  });

  it.each(['overwrite', 'warn', 'keep'])(
    'brings back what was deleted under %s',
    async (policy) => {
      const service = await start({ environment: { DRIFT_POLICY: policy } });
      await service.deliver('created', { clusterId: id, name: 'east' });
      await service.until(id, isReady);

      await admin.remove(id);
      await until(async () => (await titles()).length === 4 && (await tokens()).length === 1);

      expect(await titles()).toEqual(titlesOf(id, 'east'));
      expect(await admin.links(id)).toEqual([{ accessToken: expect.any(String), enabled: true }]);
    },
  );

  it('gives two clusters of one name a dashboard each', async () => {
    const service = await start();
    const twin = `${id.slice(0, 8)}${newId().slice(8)}`;
    made.push(twin);
    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.deliver('created', { clusterId: twin, name: 'east' });
    await service.until(id, isReady);
    await service.until(twin, isReady);

    const [[uid, title] = [], [twinUid, twinTitle] = []] = [
      (await titles())[0],
      (await titles(twin))[0],
    ];
    expect([uid, twinUid]).toEqual([id, twin]);
    const both = [`east (${id.slice(0, 8)})`, `east (${uniqueTitles ? twin : id.slice(0, 8)})`];
    // Which of the two came first is left to chance.
    const other = [`east (${uniqueTitles ? id : id.slice(0, 8)})`, `east (${id.slice(0, 8)})`];
    expect([both, other]).toContainEqual([title, twinTitle]);
  });

  it('takes over nobody else’s dashboard of its title', async () => {
    const service = await start();
    const first = newId();
    await service.deliver('created', { clusterId: first, name: 'first' });
    await service.until(first, isReady);
    const folderUid = await admin.folderUid(folder);
    const title = `east (${id.slice(0, 8)})`;
    const foreign = await admin.add(title, folderUid ?? '');

    await service.deliver('created', { clusterId: id, name: 'east' });
    await service.until(id, isReady);

    const [held] = await admin.dashboards(foreign);
    expect(held).toMatchObject({ title, version: 1 });
    expect((await titles())[0]).toEqual([id, uniqueTitles ? `east (${id})` : title]);
    await admin.remove(foreign);
  });

  it.each(hostile.map((name) => ({ name, shown: JSON.stringify(name.slice(0, 40)) })))(
    'takes the name $shown',
    async ({ name }) => {
      const service = await start();
      await service.deliver('created', { clusterId: id, name });
      await service.until(id, isReady);

      expect(await titles()).toEqual(titlesOf(id, name));
      expect(await admin.links(id)).toHaveLength(1);
    },
  );

  it('tells what an editor may not, and ends right with more rights', async () => {
    const { key } = await admin.token('Editor');
    const service = await start({ token: key });
    await service.deliver('created', { clusterId: id, name: 'east' });

    const { body } = await service.until(id, isFailed);
    expect(body.data).toMatchObject({
      url: null,
      last_error: expect.stringContaining('dashboards.public:write'),
    });
    expect(JSON.stringify(body)).not.toContain(key);

    await stop();
    await (await start()).until(id, isReady);
    expect(await titles()).toEqual(titlesOf(id, 'east'));
  });

  it('needs no more than an editor where there are no links', async () => {
    const { key } = await admin.token('Editor');
    const service = await start({ token: key, environment: { SHARING_ENABLED: 'false' } });
    await service.deliver('created', { clusterId: id, name: 'east' });

    await service.until(id, ({ body }) => body.data?.['status'] === 'disabled');
    expect(await titles()).toEqual(titlesOf(id, 'east'));
    expect(await admin.links(id)).toEqual([]);
  });

  it('tells what a viewer may not', async () => {
    const { key } = await admin.token('Viewer');
    const service = await start({ token: key });
    await service.deliver('created', { clusterId: id, name: 'east' });

    const { body } = await service.until(id, isFailed);
    expect(body.data).toMatchObject({ last_error: expect.stringContaining('does not allow') });
    expect(await titles()).toEqual([]);
  });

  it.each(['expired', 'deleted'])(
    'tells of a token that is %s, and ends right with another',
    async (how) => {
      const token = await admin.token('Editor', how === 'expired' ? 1 : 0);
      if (how === 'deleted') await token.revoke();
      else await new Promise((resolve) => setTimeout(resolve, 2_500));
      const service = await start({ token: token.key });
      await service.deliver('created', { clusterId: id, name: 'east' });

      // A token is tried again like after any other error: no account can be locked.
      const { body } = await service.until(
        id,
        (answer) => answer.body.data?.['last_error'] !== undefined,
      );
      expect(body.data).toMatchObject({
        status: 'pending',
        last_error: expect.stringContaining('does not accept the credentials'),
      });
      expect(JSON.stringify(body)).not.toContain(token.key);

      await stop();
      await (await start()).until(id, isReady);
      expect(await titles()).toEqual(titlesOf(id, 'east'));
    },
  );

  it('has the dashboard of the product itself in the folder where that is asked for', async () => {
    // Of its own uid and title: somebody's server may have the real one.
    const uid = `bud-test-${randomUUID().slice(0, 8)}`;
    made.push(uid);
    await using templates = await copyOfTemplates({ uid, title: `Bud Monitoring ${uid}` });
    const environment = { TEMPLATES_DIR: templates.folder, PRODUCT_DASHBOARD: 'true' };
    const held = async () => admin.dashboards(uid);
    const service = await start({ environment });

    await until(async () => (await held()).length === 1);
    expect(await held()).toMatchObject([{ uid, version: 1, folderTitle: folder }]);
    expect(await admin.links(uid)).toEqual([]);

    await admin.remove(uid);
    await service.deliver('created', { clusterId: id, name: 'east' });
    await until(async () => (await held()).length === 1);
    expect(await held()).toMatchObject([{ uid, folderTitle: folder }]);
    await service.until(id, isReady);
  });

  it('makes everything anew in a Grafana that was wiped meanwhile', async () => {
    const service = await start();
    const second = newId();
    for (const clusterId of [id, second]) {
      await service.deliver('created', { clusterId, name: 'east' });
      await service.until(clusterId, isReady);
    }

    // All that is ours, the folder included: more may not be asked of somebody's server.
    for (const clusterId of [id, second])
      for (const { uid } of await admin.dashboards(clusterId)) await admin.remove(uid);
    await admin.removeFolder(folder);
    await until(
      async () =>
        (await titles()).length + (await titles(second)).length === 8 &&
        (await tokens()).length === 1,
    );

    expect(await titles()).toEqual(titlesOf(id, 'east'));
    expect(await titles(second)).toEqual(titlesOf(second, 'east'));
    expect(await admin.links(id)).toHaveLength(1);
    await until(async () => (await admin.links(second)).length === 1);
    expect(await admin.links(second)).toHaveLength(1);
  });
});
