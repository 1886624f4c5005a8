import { describe, expect, it } from '@jest/globals';
import { startFakeGrafana } from '../../stack/src/fakes/fake-grafana/server.js';
import { admin, call, type CallAnswer } from './call.js';

type Dialect = '9.4' | 'later';
type Ask = (method: string, path: string, body?: unknown) => Promise<CallAnswer>;

const sharePath = (uid: string) => `/api/dashboards/uid/${uid}/public-dashboards`;
const board = (uid: string, title: string, extra: object = {}) => ({
  dashboard: { uid, title, panels: [], ...extra },
});

/** A fake Grafana with the dashboard `one`, shared by `share`. */
async function startShared(dialect: Dialect) {
  const fake = await startFakeGrafana({ dialect });
  const ask: Ask = (method, path, body) => call(method, fake.url + path, { headers: admin, body });
  await ask('POST', '/api/dashboards/db', board('one', 'One'));
  const created = await ask('POST', sharePath('one'), { isEnabled: true });
  const share = created.json as { uid: string; accessToken: string };
  return { fake, ask, share, [Symbol.asyncDispose]: fake.close };
}

describe.each([
  { what: 'PUT of a share', method: 'PUT', '9.4': 200, later: 404 },
  { what: 'PATCH of a share', method: 'PATCH', '9.4': 404, later: 200 },
])('$what', ({ method, ...statuses }) => {
  it.each(['9.4', 'later'] as const)('answers as version %s does', async (dialect) => {
    await using server = await startShared(dialect);
    const { ask, share } = server;

    const answer = await ask(method, `${sharePath('one')}/${share.uid}`, { isEnabled: false });

    expect(answer.status).toBe(statuses[dialect]);
    expect(server.fake.publicDashboards()[0]?.isEnabled).toBe(statuses[dialect] !== 200);
  });
});

describe('the fake Grafana, dialect 9.4', () => {
  it('adds a row for every share that is asked for, at the same time too', async () => {
    await using server = await startShared('9.4');

    const answers = await Promise.all(
      Array.from({ length: 40 }, () => server.ask('POST', sharePath('one'), { isEnabled: true })),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(server.fake.publicDashboards()).toHaveLength(41);
    expect((await server.ask('GET', sharePath('one'))).json).toMatchObject(server.share);
  });

  it('lets titles be used once in a folder', async () => {
    await using server = await startShared('9.4');

    const answer = await server.ask('POST', '/api/dashboards/db', board('two', 'ONE'));

    expect(answer).toMatchObject({ status: 412, json: { status: 'name-exists' } });
  });
});

describe('the fake Grafana, dialect later', () => {
  it('refuses a second share', async () => {
    await using server = await startShared('later');

    const answer = await server.ask('POST', sharePath('one'), { isEnabled: true });

    expect(answer).toMatchObject({
      status: 400,
      json: { messageId: 'publicdashboards.dashboardIsPublic', statusCode: 400 },
    });
    expect(server.fake.publicDashboards()).toHaveLength(1);
  });

  it('keeps by PATCH what is not sent', async () => {
    await using server = await startShared('later');
    const path = `${sharePath('one')}/${server.share.uid}`;
    await server.ask('PATCH', path, { timeSelectionEnabled: true });

    const answer = await server.ask('PATCH', path, { isEnabled: false });

    expect(answer.json).toMatchObject({
      isEnabled: false,
      timeSelectionEnabled: true,
      share: 'public',
    });
  });

  it('takes a uid and a token of the caller', async () => {
    await using server = await startShared('later');
    const own = { uid: 'my-own', accessToken: '0123456789abcdef0123456789abcdef' };
    await server.ask('POST', '/api/dashboards/db', board('two', 'Two'));

    const answer = await server.ask('POST', sharePath('two'), own);

    expect(answer.json).toMatchObject(own);
  });

  it.each(['PATCH', 'DELETE'])(
    'refuses a %s of a share through another dashboard',
    async (method) => {
      await using server = await startShared('later');
      await server.ask('POST', '/api/dashboards/db', board('two', 'Two'));

      const answer = await server.ask(method, `${sharePath('two')}/${server.share.uid}`, {});

      expect(answer).toMatchObject({
        status: 400,
        json: { messageId: 'publicdashboards.invalidUid' },
      });
    },
  );

  it('lists shares as pages of an object', async () => {
    await using server = await startShared('later');
    const { uid, accessToken } = server.share;

    const answer = await server.ask('GET', '/api/dashboards/public-dashboards?page=1&perpage=10');

    expect(answer.json).toEqual({
      publicDashboards: [{ uid, accessToken, title: 'One', dashboardUid: 'one', isEnabled: true }],
      totalCount: 1,
      page: 1,
      perPage: 10,
    });
  });

  it('says to an anonymous reader that a share is paused', async () => {
    await using server = await startShared('later');
    await server.ask('PATCH', `${sharePath('one')}/${server.share.uid}`, { isEnabled: false });

    const answer = await call(
      'GET',
      `${server.fake.url}/api/public/dashboards/${server.share.accessToken}`,
    );

    expect(answer).toMatchObject({
      status: 403,
      json: { messageId: 'publicdashboards.notEnabled' },
    });
  });

  it('shows an anonymous reader the panels without their queries', async () => {
    await using server = await startShared('later');
    const panels = [{ id: 1, title: 'Up', targets: [{ refId: 'A', expr: 'up' }] }];
    const dashboard = board('one', 'One', { panels, version: 1 });
    await server.ask('POST', '/api/dashboards/db', dashboard);

    const answer = await call(
      'GET',
      `${server.fake.url}/api/public/dashboards/${server.share.accessToken}`,
    );

    expect(answer.json).toMatchObject({
      dashboard: { panels: [{ id: 1, title: 'Up', targets: [{ refId: 'A' }] }] },
    });
    expect(answer.text).not.toContain('expr');
    expect(server.fake.dashboards()[0]?.data).toMatchObject({ panels });
  });

  it('lets titles be used again, shares a dashboard with variables and knows no numeric ids', async () => {
    await using server = await startShared('later');
    await server.ask('POST', '/api/folders', { uid: 'one-f', title: 'One' });
    const templating = { list: [{ name: 'job' }] };

    const namesake = await server.ask(
      'POST',
      '/api/dashboards/db',
      board('two', 'One', { templating }),
    );
    const share = await server.ask('POST', sharePath('two'), { isEnabled: true });
    const byId = await Promise.all(
      ['/api/folders/id/0', '/api/datasources/id/Prometheus'].map((path) =>
        server.ask('GET', path),
      ),
    );

    expect(namesake.json).toMatchObject({ uid: 'two', version: 1, folderUid: '' });
    expect(share.status).toBe(200);
    expect(byId.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('searches within a folder by its uid', async () => {
    await using server = await startShared('later');
    await server.ask('POST', '/api/folders', { uid: 'f', title: 'Folder' });
    const inside = { ...board('two', 'Two'), folderUid: 'f' };
    await server.ask('POST', '/api/dashboards/db', inside);

    const answer = await server.ask('GET', '/api/search?folderUIDs=f');

    expect(answer.json).toMatchObject([{ uid: 'two', folderUid: 'f' }]);
  });
});
