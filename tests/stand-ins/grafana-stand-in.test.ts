import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../../stack/src/stand-ins/listen.js';
import {
  startGrafanaStandIn,
  type GrafanaStandIn,
} from '../../stack/src/stand-ins/grafana/server.js';
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

const save = (standIn: GrafanaStandIn, headers = admin) =>
  call('POST', `${standIn.url}/api/dashboards/db`, { headers, body: board });

async function share(standIn: GrafanaStandIn): Promise<string> {
  await save(standIn);
  const path = '/api/dashboards/uid/one/public-dashboards';
  await call('POST', standIn.url + path, { headers: admin, body: { isEnabled: true } });
  return standIn.shares()[0]!.accessToken;
}

describe('signing in', () => {
  it('locks a user out for five minutes after five wrong passwords', async () => {
    let now = 1_800_000_000_000;
    await using standIn = await startGrafanaStandIn({ clock: { now: () => now } });
    const signIn = (headers: Record<string, string>) =>
      call('GET', `${standIn.url}/api/org`, { headers });
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
    await using standIn = await startGrafanaStandIn();

    const answer = await save(standIn, { authorization: `Bearer ${standIn.token(role)}` });

    expect(answer.status).toBe(status);
  });

  it('takes the users it was given, with their roles', async () => {
    const users = [{ login: 'eve', password: 'p:w', role: 'Viewer' as const }];
    await using standIn = await startGrafanaStandIn({ users });

    const answers = await Promise.all([
      call('GET', `${standIn.url}/api/user`, { headers: basic('eve', 'p:w') }),
      save(standIn, basic('eve', 'p:w')),
      save(standIn),
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
    await using standIn = await startGrafanaStandIn();
    standIn.fail(fault.kind, { match: /^POST \/api\/dashboards\/db$/, times: 1 });

    const other = await call('GET', `${standIn.url}/api/health`);
    const first = await save(standIn);
    const second = await save(standIn);

    expect(other.json).toMatchObject({ database: 'ok' });
    expect(first.status).toBe(fault.status);
    expect(first.headers.get('content-type')).toContain(fault.type);
    expect(first.text).not.toContain('one');
    expect(second.json).toMatchObject({ uid: 'one', version: 1 });
  });

  it('cuts the connection, with or without doing what was asked', async () => {
    await using standIn = await startGrafanaStandIn();

    standIn.fail('reset');
    await expect(save(standIn)).rejects.toThrow('fetch failed');
    expect(standIn.dashboards()).toEqual([]);
    standIn.clearFaults();
    standIn.fail('lost-answer');
    await expect(save(standIn)).rejects.toThrow('fetch failed');

    expect(standIn.dashboards()).toMatchObject([{ uid: 'one', version: 1 }]);
    expect(standIn.requests.map(({ status }) => status)).toEqual([null, null]);
  });

  it('hangs until it is closed', async () => {
    const standIn = await startGrafanaStandIn();
    standIn.fail('hang', { match: /health/ });
    const waiting = call('GET', `${standIn.url}/api/health`).catch(String);
    const other = await call('GET', `${standIn.url}/api/org`, { headers: admin });

    await standIn.close();

    expect(await waiting).toContain('fetch failed');
    expect(other.status).toBe(200);
    await standIn.close();
  });

  it('waits before it answers', async () => {
    await using standIn = await startGrafanaStandIn();
    standIn.delayMs = 80;
    const impatient = { signal: AbortSignal.timeout(20) };

    await expect(call('GET', `${standIn.url}/api/health`, impatient)).rejects.toThrow(/timeout/);
    const patient = await call('GET', `${standIn.url}/api/health`);

    expect(patient.status).toBe(200);
  });
});

describe('what it remembers', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'grafana-stand-in-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('records requests without queries, credentials or share tokens, and counts writes', async () => {
    await using standIn = await startGrafanaStandIn();
    const token = await share(standIn);
    await call('GET', `${standIn.url}/api/public/dashboards/${token}?secret=1`);
    await call('GET', `${standIn.url}/public-dashboards/${token}`);
    await call('GET', `${standIn.url}/api/dashboards/uid/none`, { headers: admin });

    expect(standIn.requests).toEqual([
      { method: 'POST', path: '/api/dashboards/db', status: 200 },
      { method: 'POST', path: '/api/dashboards/uid/one/public-dashboards', status: 200 },
      { method: 'GET', path: '/api/public/dashboards/***', status: 200 },
      { method: 'GET', path: '/public-dashboards/***', status: 200 },
      { method: 'GET', path: '/api/dashboards/uid/none', status: 404 },
    ]);
    expect(standIn.count(/^POST /)).toBe(2);
    expect(standIn.writes).toMatchObject({ dashboardsSaved: 1, sharesCreated: 1, foldersSaved: 0 });
  });

  it('keeps its state in a file over a restart, but no key of a token', async () => {
    const stateFile = join(directory, 'grafana.json');
    const before = await startGrafanaStandIn({ stateFile });
    await share(before);
    const key = before.token('Viewer');
    await before.close();

    await using after = await startGrafanaStandIn({ stateFile });
    const headers = { authorization: `Bearer ${key}` };
    const answer = await call('GET', `${after.url}/api/dashboards/uid/one`, { headers });

    expect(answer.json).toMatchObject({ meta: { publicDashboardEnabled: true, version: 1 } });
    expect(after.shares()).toEqual(before.shares());
    expect(readFileSync(stateFile, 'utf8')).not.toContain(key);
  });

  it('forgets everything when wiped, tokens too', async () => {
    await using standIn = await startGrafanaStandIn({ stateFile: join(directory, 'grafana.json') });
    await share(standIn);
    const headers = { authorization: `Bearer ${standIn.token('Admin')}` };

    standIn.wipe();

    expect([standIn.dashboards(), standIn.shares()]).toEqual([[], []]);
    expect(standIn.writes.dashboardsSaved).toBe(0);
    expect((await call('GET', `${standIn.url}/api/org`, { headers })).status).toBe(500);
    expect((await save(standIn)).json).toMatchObject({ id: 1, version: 1 });
  });
});

describe('a shared dashboard', () => {
  it('has a page with its titles, which may be embedded', async () => {
    await using standIn = await startGrafanaStandIn();
    const token = await share(standIn);

    const page = await call('GET', `${standIn.url}/public-dashboards/${token}`);

    expect(page.text).toContain('<h1>One &amp; &lt;only&gt;</h1>');
    expect(page.text).toContain('<h2>Busy &quot;cores&quot;</h2><output data-panel="1">');
    expect(page.text).toContain('<h2>Up</h2></section>');
    expect(page.headers.get('x-frame-options')).toBeNull();
  });

  it('has a page for every token, and forbids frames where that is asked for', async () => {
    await using standIn = await startGrafanaStandIn({ allowEmbedding: false });

    const page = await call('GET', `${standIn.url}/public-dashboards/${'0'.repeat(32)}`);

    expect(page.status).toBe(200);
    expect(page.text).toContain('Dashboard not found');
    expect(page.headers.get('x-frame-options')).toBe('deny');
  });

  it('asks Prometheus for the data of a panel, within collapsed rows too', async () => {
    const asked: Record<string, unknown>[] = [];
    const app = express().use(express.urlencoded());
    app.post('/api/v1/:kind', (req, res) => {
      asked.push({ kind: req.params.kind, ...(req.body as object) });
      const result = [{ metric: { a: 'b' }, value: [1_800_000_000, '2.5'] }];
      res.json({ status: 'success', data: { result } });
    });
    const prometheus = await listen(app);
    await using standIn = await startGrafanaStandIn({
      prometheusUrl: prometheus.url,
      clock: { now: () => 1_800_000_000_000 },
    });
    const query = `${standIn.url}/api/public/dashboards/${await share(standIn)}/panels`;

    const stat = await call('POST', `${query}/1/query`, { body: {} });
    const lines = await call('POST', `${query}/3/query`, { body: { maxDataPoints: 60 } });
    await prometheus.close();
    const dead = await call('POST', `${query}/1/query`, { body: {} });

    expect(asked).toEqual([
      { kind: 'query', query: 'rate(x[120s])', time: '1800000000' },
      {
        kind: 'query_range',
        query: 'avg_over_time(up[120s])',
        start: '1799992800',
        end: '1800000000',
        step: '120',
      },
    ]);
    expect(stat.json).toMatchObject({
      results: { A: { status: 200, frames: [{ data: { values: [[1_800_000_000_000], [2.5]] } }] } },
    });
    expect(lines.json).toMatchObject({ results: { B: { status: 200 } } });
    expect(dead.status).toBe(500);
  });
});
