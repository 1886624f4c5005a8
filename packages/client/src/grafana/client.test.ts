import { inspect } from 'node:util';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { systemClock } from '../clock.js';
import { failureOf, startUpstream, type FakeUpstream, type Reply } from '../testing/upstream.js';
import { bodyOf, clientOf } from '../testing/grafana.js';

const missing: Reply = { status: 404, json: { message: 'Dashboard not found', traceID: '' } };

const cut: Reply = { raw: (response) => response.destroy() };

afterEach(() => {
  jest.restoreAllMocks();
});

describe('every request', () => {
  it('carries basic credentials in a header alone, below a path of its own', async () => {
    await using grafana = await startUpstream({
      'GET /grafana/api/dashboards/uid/a': { status: 401 },
    });
    const url = `${grafana.url.replace('http://', '')}/grafana/`;
    const failure = await failureOf(clientOf(grafana, { url }).getDashboard('a'));
    expect(grafana.seen[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('admin:hush').toString('base64')}`,
    );
    expect(inspect(failure, { depth: 9 })).not.toMatch(/hush|127\.0\.0\.1/);
  });

  it('names the organisation, where one is told', async () => {
    await using grafana = await startUpstream({ 'GET /api/datasources/uid/a': missing });
    await clientOf(grafana).findDatasource('a');
    await clientOf(grafana, { orgId: 2 }).findDatasource('a');
    expect(grafana.seen.map(({ headers }) => headers['x-grafana-org-id'])).toEqual([
      undefined,
      '2',
    ]);
  });

  it('prefers a token', async () => {
    await using grafana = await startUpstream({ 'GET /api/datasources/uid/a': missing });
    await clientOf(grafana, { token: 'glsa_1' }).findDatasource('a');
    expect(grafana.seen[0]?.headers.authorization).toBe('Bearer glsa_1');
  });

  it.each<[Reply, object]>([
    [
      {
        status: 403,
        json: { accessErrorId: 'ACE1', message: "You'll need additional permissions" },
      },
      { code: 'forbidden', detail: "You'll need additional permissions" },
    ],
    [
      { status: 400, json: { message: 'uid too long' } },
      { code: 'refused', detail: 'uid too long' },
    ],
    [
      { status: 500, json: { message: 'boom' } },
      { code: 'bad_answer', detail: 'boom' },
    ],
    [{ headers: { 'content-type': 'text/html' }, text: '<html>' }, { code: 'bad_answer' }],
    [{ status: 302, headers: { location: '/login' } }, { code: 'bad_answer' }],
    [{ json: { meta: {} } }, { code: 'bad_answer' }],
    [
      { status: 301, headers: { location: 'https://g/' } },
      { detail: expect.stringMatching(/^it redirects/) },
    ],
    [
      { text: '\n<!DOCTYPE html><title>Sign in</title>' },
      { detail: expect.stringMatching(/^something else answers/) },
    ],
    // What proxies say of a Grafana that they do not find.
    [{ status: 404, text: 'default backend - 404' }, { code: 'bad_answer' }],
    [{ status: 404, text: '' }, { code: 'bad_answer' }],
    [
      { status: 404, headers: { 'content-type': 'text/html' }, text: '<h1>404 Not Found</h1>' },
      { code: 'bad_answer' },
    ],
    [
      { status: 404, json: { message: 'no Route matched with those values' } },
      { code: 'bad_answer' },
    ],
    [{ status: 404, json: { error: 'not found' } }, { code: 'bad_answer' }],
  ])('answered by %j fails once', async (reply: Reply, expected: object) => {
    await using grafana = await startUpstream({ 'GET /api/dashboards/uid/a': [reply] });
    const failure = await failureOf(clientOf(grafana).getDashboard('a'));
    expect(failure).toMatchObject({ name: 'UpstreamError', upstream: 'grafana', ...expected });
  });

  it('is tried again while Grafana is away', async () => {
    await using grafana = await startUpstream({
      'GET /api/dashboards/uid/a': [{ status: 502 }, cut, missing],
    });
    expect(await clientOf(grafana).getDashboard('a')).toBeNull();
  });

  it.each<[string, Reply]>([
    ['a wrong password', { status: 401, json: { message: 'invalid username or password' } }],
    ['a deleted token', { status: 500, json: { message: 'invalid API key', traceID: '' } }],
  ])('stops after %s, lest Grafana locks the user out, but for health', async (_what, refusal) => {
    await using grafana = await startUpstream({
      'GET /api/dashboards/uid/a': [refusal, missing],
      'GET /api/health': [{ json: { database: 'ok', version: '9.4.0' } }],
    });
    const now = jest.spyOn(systemClock, 'now').mockReturnValue(1_000_000);
    const client = clientOf(grafana);
    expect(await failureOf(client.getDashboard('a'))).toMatchObject({ code: 'unauthorized' });
    expect(await failureOf(client.getDashboard('a'))).toMatchObject({ code: 'unauthorized' });
    expect(await client.health()).toEqual({ database: 'ok', version: '9.4.0' });
    now.mockReturnValue(1_000_000 + 120_000);
    expect(await client.getDashboard('a')).toBeNull();
  });
});

describe('health and settings', () => {
  it('takes a hidden version', async () => {
    await using grafana = await startUpstream({ 'GET /api/health': { json: { database: 'ok' } } });
    expect(await clientOf(grafana).health()).toEqual({ database: 'ok', version: null });
  });

  it.each([
    [{}, true],
    [{ 'x-frame-options': 'deny' }, false],
    [{ 'X-Frame-Options': 'SAMEORIGIN' }, false],
  ])('reads from %j whether it may be embedded', async (headers, allowEmbedding) => {
    const json = { buildInfo: { version: '11.1.0', edition: 'Open Source' } };
    await using grafana = await startUpstream({ 'GET /api/frontend/settings': { headers, json } });
    const settings = await clientOf(grafana).frontendSettings();
    expect(settings).toEqual({ allowEmbedding, version: '11.1.0' });
  });
});

describe('dashboards', () => {
  const dashboard = { uid: 'a', title: 'T', version: 3, id: 14, panels: [] };
  const save = (grafana: FakeUpstream) =>
    clientOf(grafana).saveDashboard({ dashboard, folderUid: 'f', message: 'why' });

  it('are read whole', async () => {
    const meta = { folderUid: 'f', url: '/d/a/t', isFolder: false, canSave: true };
    await using grafana = await startUpstream({
      'GET /api/dashboards/uid/a': { json: { dashboard, meta } },
    });
    expect(await clientOf(grafana).getDashboard('a')).toEqual({
      dashboard,
      meta: { folderUid: 'f', url: '/d/a/t', isFolder: false },
    });
  });

  it('are saved without overwriting, by uid', async () => {
    const json = { id: 14, slug: 't', status: 'success', uid: 'a', url: '/d/a/t', version: 4 };
    await using grafana = await startUpstream({ 'POST /api/dashboards/db': { json } });
    expect(await save(grafana)).toEqual({ uid: 'a', url: '/d/a/t', version: 4 });
    expect(bodyOf(grafana)).toEqual({
      dashboard: { ...dashboard, id: null },
      folderUid: 'f',
      message: 'why',
      overwrite: false,
    });
  });

  it.each(['version-mismatch', 'name-exists'])('say %s when that is so', async (status) => {
    await using grafana = await startUpstream({
      'POST /api/dashboards/db': [{ status: 412, json: { message: 'changed', status } }],
    });
    expect(await failureOf(save(grafana))).toMatchObject({ code: 'conflict', detail: status });
  });

  it('are not ours when Grafana answers with another uid', async () => {
    const json = { uid: 'b', url: '/d/b/t', version: 4 };
    await using grafana = await startUpstream({ 'POST /api/dashboards/db': { json } });
    expect(await failureOf(save(grafana))).toMatchObject({ code: 'conflict', detail: 'other-uid' });
  });

  it('are deleted, or were not there', async () => {
    await using grafana = await startUpstream({
      'DELETE /api/dashboards/uid/a': [
        { json: { id: 17, message: 'deleted', title: 'T' } },
        { status: 404, json: { message: 'Dashboard not found' } },
      ],
    });
    const client = clientOf(grafana);
    expect(await client.deleteDashboard('a')).toBe(true);
    expect(await client.deleteDashboard('a')).toBe(false);
  });
});

describe('the folder', () => {
  const uid = 'bud-92d5e4c5cd37431e';

  it('is ours, by the uid made from its title, whatever it is called by now', async () => {
    await using grafana = await startUpstream({
      [`GET /api/folders/${uid}`]: { json: { uid, title: 'renamed' } },
    });
    expect(await clientOf(grafana).ensureFolder('Clusters')).toBe(uid);
  });

  it('is one that has the title already', async () => {
    await using grafana = await startUpstream({
      [`GET /api/folders/${uid}`]: missing,
      'GET /api/folders': [
        {
          json: [
            { uid: 'x', title: 'X' },
            { uid: 'theirs', title: 'CLUSTERS' },
          ],
        },
      ],
    });
    expect(await clientOf(grafana).ensureFolder('Clusters')).toBe('theirs');
  });

  it('is made', async () => {
    await using grafana = await startUpstream({
      [`GET /api/folders/${uid}`]: missing,
      'GET /api/folders': [{ json: [] }],
      'POST /api/folders': [{ json: { id: 1, uid, title: 'Clusters' } }],
    });
    expect(await clientOf(grafana).ensureFolder('Clusters')).toBe(uid);
    expect(bodyOf(grafana)).toEqual({ uid, title: 'Clusters' });
  });

  it.each<[string, Reply[], Reply[]]>([
    ['the same uid', [missing, { json: { uid, title: 'Clusters' } }], [{ json: [] }]],
    ['another uid', [missing, missing], [{ json: [] }, { json: [{ uid, title: 'Clusters' }] }]],
  ])('is the one that somebody made first, under %s', async (_what, byUid, lists) => {
    await using grafana = await startUpstream({
      [`GET /api/folders/${uid}`]: byUid,
      'GET /api/folders': lists,
      'POST /api/folders': [{ status: 412, json: { status: 'version-mismatch' } }],
    });
    expect(await clientOf(grafana).ensureFolder('Clusters')).toBe(uid);
  });
});

describe('the data source', () => {
  const source = {
    uid: 'prometheus',
    name: 'Prometheus',
    type: 'prometheus',
    url: 'http://prometheus:9090',
    basicAuth: false,
    basicAuthUser: '',
    jsonData: { timeInterval: '30s' },
  };
  const path = 'GET /api/datasources/uid/prometheus';
  const wanted = { uid: 'prometheus', name: 'Prometheus', url: 'http://prometheus:9090' };

  it('is found, or is not there', async () => {
    await using grafana = await startUpstream({
      [path]: [{ json: { id: 1, ...source } }, missing],
    });
    const client = clientOf(grafana);
    expect(await client.findDatasource('prometheus')).toEqual(source);
    expect(await client.findDatasource('prometheus')).toBeNull();
  });

  it('is one of those that are listed', async () => {
    const other = { ...source, uid: 'logs', name: 'Logs', type: 'loki', jsonData: {} };
    await using grafana = await startUpstream({
      'GET /api/datasources': {
        json: [
          { id: 1, ...source, isDefault: true },
          { id: 2, ...other, isDefault: false },
        ],
      },
    });
    expect(await clientOf(grafana).listDatasources()).toEqual([
      { ...source, isDefault: true },
      { ...other, isDefault: false },
    ]);
  });

  it('is made', async () => {
    await using grafana = await startUpstream({
      'POST /api/datasources': [{ json: { datasource: source, id: 1, message: 'added' } }],
    });
    expect(await clientOf(grafana).createDatasource(wanted)).toEqual(source);
    expect(bodyOf(grafana)).toEqual({
      ...wanted,
      type: 'prometheus',
      access: 'proxy',
      jsonData: { httpMethod: 'POST' },
    });
  });

  it('is left alone where it exists, and a taken name is an error', async () => {
    const taken: Reply = { status: 409, json: { message: 'the same name already exists' } };
    await using grafana = await startUpstream({
      'POST /api/datasources': [taken, taken],
      [path]: [{ json: source }, missing],
    });
    const client = clientOf(grafana);
    expect(await client.createDatasource(wanted)).toEqual(source);
    expect(await failureOf(client.createDatasource(wanted))).toMatchObject({
      code: 'conflict',
      detail: 'the same name already exists',
    });
  });

  it('is changed', async () => {
    await using grafana = await startUpstream({
      'PUT /api/datasources/uid/prometheus': { json: { datasource: source, message: 'updated' } },
    });
    const jsonData = { timeInterval: '30s' };
    expect(await clientOf(grafana).updateDatasource({ ...wanted, jsonData })).toEqual(source);
    expect(bodyOf(grafana)).toMatchObject({
      jsonData: { httpMethod: 'POST', timeInterval: '30s' },
    });
  });

  it('is asked, by series and by columns', async () => {
    const field = (labels?: Record<string, string>) => ({ name: 'x', ...(labels && { labels }) });
    const frame = (fields: unknown[], values: unknown[][]) => ({
      schema: { refId: 'A', fields },
      data: { values },
    });
    await using grafana = await startUpstream({
      'POST /api/ds/query': {
        json: {
          results: {
            A: {
              status: 200,
              frames: [
                frame([field(), field({ node: 'a' })], [[1], [2]]),
                frame([field(), field({ node: 'b' }), field()], [[1], [3], [4]]),
              ],
            },
            B: { status: 200, frames: [frame([], [])] },
          },
        },
      },
    });
    expect(await clientOf(grafana).queryDatasource('prometheus', { A: 'up', B: 'down' })).toEqual(
      new Map([
        [
          'A',
          [
            { labels: { node: 'a' }, value: 2 },
            { labels: { node: 'b' }, value: 3 },
            { labels: {}, value: 4 },
          ],
        ],
        ['B', []],
      ]),
    );
    expect(bodyOf(grafana)).toMatchObject({
      queries: [{ refId: 'A', expr: 'up', instant: true }, { refId: 'B' }],
    });
  });

  it('whose store fails does not count as a Grafana that fails', async () => {
    await using grafana = await startUpstream({
      'POST /api/ds/query': { status: 500, json: { message: 'An error occurred' } },
      [path]: { json: source },
    });
    const client = clientOf(grafana);
    for (let n = 0; n < 6; n += 1)
      await failureOf(client.queryDatasource('prometheus', { A: 'up' }));
    expect(await client.findDatasource('prometheus')).toEqual(source);
  });
});
