import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../../stack/src/fakes/listen.js';
import { startFakeGrafana, type FakeGrafana } from '../../stack/src/fakes/fake-grafana/server.js';
import { admin, basic, call } from './call.js';

const board = {
  dashboard: {
    uid: 'one',
    title: 'One & <only>',
    time: { from: 'now-2h', to: 'now' },
    panels: [
      {
        id: 1,
        type: 'stat',
        title: 'Busy "cores"',
        targets: [{ refId: 'A', expr: 'rate(x[$__rate_interval])', instant: true }],
      },
      {
        id: 2,
        type: 'row',
        title: 'More',
        panels: [
          {
            id: 3,
            type: 'timeseries',
            title: 'Up',
            targets: [{ refId: 'B', expr: 'avg_over_time(up[$__interval])' }],
          },
        ],
      },
    ],
  },
};

const save = (fake: FakeGrafana, headers = admin) =>
  call('POST', `${fake.url}/api/dashboards/db`, { headers, body: board });

async function share(fake: FakeGrafana): Promise<string> {
  await save(fake);
  const path = '/api/dashboards/uid/one/public-dashboards';
  await call('POST', fake.url + path, { headers: admin, body: { isEnabled: true } });
  return fake.publicDashboards()[0]!.accessToken;
}

describe('signing in', () => {
  it('locks a user out for five minutes after five wrong passwords', async () => {
    let now = 1_800_000_000_000;
    await using fake = await startFakeGrafana({ clock: { now: () => now } });
    const signIn = (headers: Record<string, string>) =>
      call('GET', `${fake.url}/api/org`, { headers });
    for (let tries = 0; tries < 4; tries++) await signIn(basic('admin', 'guess'));
    expect((await signIn(admin)).status).toBe(200);
    await signIn(basic('admin', 'guess'));

    const locked = await signIn(admin);
    now += 5 * 60_000;
    const later = await signIn(admin);

    expect(locked).toMatchObject({
      status: 401,
      json: { message: 'invalid username or password' },
    });
    expect(later.status).toBe(200);
  });

  it.each([
    { role: 'Viewer', status: 403 },
    { role: 'Editor', status: 200 },
    { role: 'Admin', status: 200 },
  ] as const)('hands out tokens: a $role saves with $status', async ({ role, status }) => {
    await using fake = await startFakeGrafana();

    const answer = await save(fake, { authorization: `Bearer ${fake.token(role)}` });

    expect(answer.status).toBe(status);
  });

  it('takes the users it was given, with their roles', async () => {
    const users = [{ login: 'eve', password: 'p:w', role: 'Viewer' as const }];
    await using fake = await startFakeGrafana({ users });

    const answers = await Promise.all([
      call('GET', `${fake.url}/api/user`, { headers: basic('eve', 'p:w') }),
      save(fake, basic('eve', 'p:w')),
      save(fake),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([200, 403, 401]);
  });
});

describe('breaking on command', () => {
  it.each([
    { kind: 502, status: 502, type: 'application/json' },
    { kind: 'html', status: 200, type: 'text/html' },
    { kind: 'nonsense', status: 200, type: 'application/json' },
  ] as const)('answers $kind to what matches, as often as told', async (fault) => {
    await using fake = await startFakeGrafana();
    fake.fail(fault.kind, { match: /^POST \/api\/dashboards\/db$/, times: 1 });

    const other = await call('GET', `${fake.url}/api/health`);
    const first = await save(fake);
    const second = await save(fake);

    expect(other.json).toMatchObject({ database: 'ok' });
    expect(first.status).toBe(fault.status);
    expect(first.headers.get('content-type')).toContain(fault.type);
    expect(first.text).not.toContain('one');
    expect(second.json).toMatchObject({ uid: 'one', version: 1 });
  });

  it('cuts the connection, with or without doing what was asked', async () => {
    await using fake = await startFakeGrafana();

    fake.fail('reset');
    await expect(save(fake)).rejects.toThrow('fetch failed');
    expect(fake.dashboards()).toEqual([]);
    fake.clearFaults();
    fake.fail('lost-answer');
    await expect(save(fake)).rejects.toThrow('fetch failed');

    expect(fake.dashboards()).toMatchObject([{ uid: 'one', version: 1 }]);
    expect(fake.requests.map(({ status }) => status)).toEqual([null, null]);
  });

  it('hangs until it is closed', async () => {
    const fake = await startFakeGrafana();
    fake.fail('hang', { match: /health/ });
    const waiting = call('GET', `${fake.url}/api/health`).catch(String);
    const other = await call('GET', `${fake.url}/api/org`, { headers: admin });

    await fake.close();

    expect(await waiting).toContain('fetch failed');
    expect(other.status).toBe(200);
    await fake.close();
  });

  it('waits before it answers', async () => {
    await using fake = await startFakeGrafana();
    fake.delayMs = 80;
    const impatient = { signal: AbortSignal.timeout(20) };

    await expect(call('GET', `${fake.url}/api/health`, impatient)).rejects.toThrow(/timeout/);
    const patient = await call('GET', `${fake.url}/api/health`);

    expect(patient.status).toBe(200);
  });
});

describe('what it remembers', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fake-grafana-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('records requests without queries, credentials or share tokens, and counts writes', async () => {
    await using fake = await startFakeGrafana();
    const token = await share(fake);
    await call('GET', `${fake.url}/api/public/dashboards/${token}?secret=1`);
    await call('GET', `${fake.url}/public-dashboards/${token}`);
    await call('GET', `${fake.url}/api/dashboards/uid/none`, { headers: admin });

    expect(fake.requests).toEqual([
      { method: 'POST', path: '/api/dashboards/db', status: 200 },
      { method: 'POST', path: '/api/dashboards/uid/one/public-dashboards', status: 200 },
      { method: 'GET', path: '/api/public/dashboards/***', status: 200 },
      { method: 'GET', path: '/public-dashboards/***', status: 200 },
      { method: 'GET', path: '/api/dashboards/uid/none', status: 404 },
    ]);
    expect(fake.count(/^POST /)).toBe(2);
    expect(fake.writes).toMatchObject({
      dashboardsSaved: 1,
      publicDashboardsCreated: 1,
      foldersSaved: 0,
    });
  });

  it('keeps its state in a file over a restart, but no key of a token', async () => {
    const stateFile = join(directory, 'grafana.json');
    const before = await startFakeGrafana({ stateFile });
    await share(before);
    const key = before.token('Viewer');
    await before.close();

    await using after = await startFakeGrafana({ stateFile });
    const headers = { authorization: `Bearer ${key}` };
    const answer = await call('GET', `${after.url}/api/dashboards/uid/one`, { headers });

    expect(answer.json).toMatchObject({ meta: { publicDashboardEnabled: true, version: 1 } });
    expect(after.publicDashboards()).toEqual(before.publicDashboards());
    expect(readFileSync(stateFile, 'utf8')).not.toContain(key);
  });

  it('forgets everything when wiped, tokens too', async () => {
    await using fake = await startFakeGrafana({ stateFile: join(directory, 'grafana.json') });
    await share(fake);
    const headers = { authorization: `Bearer ${fake.token('Admin')}` };

    fake.wipe();

    expect([fake.dashboards(), fake.publicDashboards()]).toEqual([[], []]);
    expect(fake.writes.dashboardsSaved).toBe(0);
    expect((await call('GET', `${fake.url}/api/org`, { headers })).status).toBe(500);
    expect((await save(fake)).json).toMatchObject({ id: 1, version: 1 });
  });
});

describe('a shared dashboard', () => {
  it('has a page with its titles, which may be embedded', async () => {
    await using fake = await startFakeGrafana();
    const token = await share(fake);

    const page = await call('GET', `${fake.url}/public-dashboards/${token}`);

    expect(page.text).toContain('<h1>One &amp; &lt;only&gt;</h1>');
    expect(page.text).toContain('<h2>Busy &quot;cores&quot;</h2><output data-panel="1">');
    expect(page.text).toContain('<h2>Up</h2></section>');
    expect(page.headers.get('x-frame-options')).toBeNull();
  });

  it('has a page for every token, and forbids frames where that is asked for', async () => {
    await using fake = await startFakeGrafana({ allowEmbedding: false });

    const page = await call('GET', `${fake.url}/public-dashboards/${'0'.repeat(32)}`);

    expect(page.status).toBe(200);
    expect(page.text).toContain('Dashboard not found');
    expect(page.headers.get('x-frame-options')).toBe('deny');
  });

  describe('with a data source', () => {
    const asked: Record<string, unknown>[] = [];
    let store: { url: string; close: () => Promise<void> };
    beforeEach(async () => {
      asked.length = 0;
      const app = express().use(express.urlencoded());
      app.post('/api/v1/:kind', (req, res) => {
        const { authorization, 'x-scope-orgid': tenant } = req.headers;
        const headers = { ...(authorization && { authorization }), ...(tenant && { tenant }) };
        asked.push({ kind: req.params.kind, ...(req.body as object), ...headers });
        const result = [{ metric: { a: 'b' }, value: [1_800_000_000, '2.5'] }];
        res.json({ status: 'success', data: { resultType: 'vector', result } });
      });
      store = await listen(app);
    });
    afterEach(() => store.close());

    const start = async (source: Record<string, unknown> = {}) => {
      const fake = await startFakeGrafana({ clock: { now: () => 1_800_000_000_000 } });
      await call('POST', `${fake.url}/api/datasources`, {
        headers: admin,
        body: {
          uid: 'it',
          name: 'It',
          type: 'prometheus',
          access: 'proxy',
          url: store.url,
          isDefault: true,
          ...source,
        },
      });
      return fake;
    };
    const panel = async (fake: FakeGrafana, id: number, body: unknown = {}) => {
      const accessToken = fake.publicDashboards()[0]?.accessToken ?? (await share(fake));
      const url = `${fake.url}/api/public/dashboards/${accessToken}/panels/${id}/query`;
      return call('POST', url, { body });
    };
    const ask = (fake: FakeGrafana, query: object) =>
      call('POST', `${fake.url}/api/ds/query`, {
        headers: admin,
        body: { from: 'now-1h', to: 'now', queries: [{ refId: 'A', ...query }] },
      });

    it('asks its store for a panel, within collapsed rows too', async () => {
      await using fake = await start();

      const stat = await panel(fake, 1);
      const lines = await panel(fake, 3, { maxDataPoints: 60 });
      await store.close();
      const dead = await panel(fake, 1);

      expect(asked).toEqual([
        { kind: 'query', query: 'rate(x[60000ms])', time: '1800000000' },
        {
          kind: 'query_range',
          query: 'avg_over_time(up[120000ms])',
          start: '1799992800',
          end: '1800000000',
          step: '120',
        },
      ]);
      expect(stat.json).toMatchObject({
        results: { A: { frames: [{ data: { values: [[1_800_000_000_000], [2.5]] } }] } },
      });
      expect(lines.json).toMatchObject({ results: { B: { status: 200 } } });
      expect(dead.status).toBe(500);
    });

    it.each([
      [undefined, 0, '60000ms'],
      ['30s', 0, '120000ms'],
      ['2m', 0, '480000ms'],
      ['15s', 600_000, '615000ms'],
    ])(
      'takes rates by the timeInterval %s and a step of %d ms over %s',
      async (own, ms, window) => {
        await using fake = await start({ jsonData: { timeInterval: own } });

        await ask(fake, {
          expr: 'rate(x[$__rate_interval])',
          intervalMs: ms,
          maxDataPoints: 1_000,
        });

        expect(asked).toMatchObject([{ query: `rate(x[${window}])` }]);
      },
    );

    it('gives data frames of series, whatever the format', async () => {
      await using fake = await start();

      const { json } = await ask(fake, { expr: 'up', format: 'table', instant: true });

      expect(json).toMatchObject({
        results: {
          A: {
            frames: [
              {
                schema: {
                  meta: {
                    executedQueryString: 'Expr: up\nStep: 15s',
                    custom: { resultType: 'vector' },
                  },
                  fields: [{ name: 'Time' }, { name: 'Value', labels: { a: 'b' } }],
                },
              },
            ],
          },
        },
      });
    });

    it('sends credentials and headers, and tells nobody', async () => {
      const secureJsonData = { basicAuthPassword: 'hush', httpHeaderValue1: 'team-a' };
      await using fake = await start({
        basicAuth: true,
        basicAuthUser: 'u',
        jsonData: { httpHeaderName1: 'X-Scope-OrgID' },
        secureJsonData,
      });

      await ask(fake, { expr: 'up', instant: true });
      const told = await call('GET', `${fake.url}/api/datasources/uid/it`, { headers: admin });

      expect(asked).toMatchObject([{ ...basic('u', 'hush'), tenant: 'team-a' }]);
      expect(told.json).toMatchObject({
        secureJsonFields: { basicAuthPassword: true, httpHeaderValue1: true },
      });
      expect(told.text).not.toMatch(/hush|team-a/);
    });

    it('that is missing costs the panels', async () => {
      await using fake = await start();
      await share(fake);
      await call('DELETE', `${fake.url}/api/datasources/uid/it`, { headers: admin });

      expect((await panel(fake, 1)).status).toBe(500);
      expect(await ask(fake, { expr: 'up', datasource: { uid: 'it' } })).toMatchObject({
        status: 404,
        json: { message: 'Data source not found', traceID: '' },
      });
    });
  });
});
