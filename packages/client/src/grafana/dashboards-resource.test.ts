import { describe, expect, it } from '@jest/globals';

import { bodyOf } from '../testing/grafana.js';
import { failureOf, startUpstream, type FakeUpstream, type Reply } from '../testing/upstream.js';
import { createGrafanaClient } from './client.js';

const clientOf = ({ url }: FakeUpstream) =>
  createGrafanaClient({ scheme: 'http', url: url.replace('http://', ''), token: 'glsa_1' });

/** A 404 of the router: this Grafana has no such route. */
const noRoute: Reply = { status: 404, json: { message: 'Not found' } };

/** A 404 of the API of resources. */
const missing: Reply = {
  status: 404,
  json: { kind: 'Status', message: 'dashboards.dashboard.grafana.app "a" not found' },
};

describe('a Grafana without /api/dashboards', () => {
  const group: Reply = { json: { kind: 'APIGroup', name: 'dashboard.grafana.app' } };
  const collection = '/apis/dashboard.grafana.app/v1/namespaces/default/dashboards';
  const resource = (generation: number, resourceVersion = '9007199254740993'): Reply => ({
    json: {
      kind: 'Dashboard',
      metadata: {
        name: 'a',
        generation,
        resourceVersion,
        annotations: { 'grafana.app/folder': 'f' },
      },
      spec: { title: 'T', panels: [] },
    },
  });
  const found = {
    'GET /api/dashboards/uid/a': noRoute,
    'GET /apis/dashboard.grafana.app': group,
  };
  const save = (client: ReturnType<typeof clientOf>, version?: number) =>
    client.saveDashboard({
      dashboard: { uid: 'a', title: 'T', panels: [], ...(version !== undefined && { version }) },
      folderUid: 'f',
      message: 'why',
    });

  it('is asked by resource from the first missing route on', async () => {
    await using grafana = await startUpstream({
      ...found,
      [`GET ${collection}/a`]: [resource(3), missing],
      [`DELETE ${collection}/a`]: { json: { kind: 'Status' } },
    });
    const client = clientOf(grafana);
    expect(await client.getDashboard('a')).toEqual({
      dashboard: { uid: 'a', title: 'T', panels: [], version: 3 },
      meta: { folderUid: 'f', url: '/d/a', isFolder: false },
    });
    expect(await client.getDashboard('a')).toBeNull();
    expect(await client.deleteDashboard('a')).toBe(true);
    expect(grafana.seen.filter(({ path }) => path.startsWith('/api/'))).toHaveLength(1);
  });

  it('is asked in the organisation that is told', async () => {
    const other = collection.replace('default', 'org-2');
    await using grafana = await startUpstream({ ...found, [`GET ${other}/a`]: resource(3) });
    const url = grafana.url.replace('http://', '');
    const client = createGrafanaClient({ scheme: 'http', url, token: 'glsa_1', orgId: 2 });
    expect(await client.getDashboard('a')).toMatchObject({ dashboard: { version: 3 } });
  });

  it('gets a new dashboard by POST, and a newer one by PUT over what was read', async () => {
    await using grafana = await startUpstream({
      ...found,
      [`GET ${collection}/a`]: [missing, resource(1)],
      [`POST ${collection}`]: resource(1),
      [`PUT ${collection}/a`]: resource(2),
    });
    const client = clientOf(grafana);
    await client.getDashboard('a');
    expect(await save(client)).toEqual({ uid: 'a', version: 1, url: '/d/a' });
    const annotations = { 'grafana.app/message': 'why', 'grafana.app/folder': 'f' };
    const spec = { title: 'T', panels: [] };
    expect(bodyOf(grafana)).toEqual({ metadata: { name: 'a', annotations }, spec });

    expect(await save(client, 1)).toMatchObject({ version: 2 });
    const metadata = { name: 'a', annotations, resourceVersion: '9007199254740993' };
    expect(bodyOf(grafana)).toEqual({ metadata, spec });
  });

  it('takes no save over another version', async () => {
    const taken: Reply = { status: 409, json: { kind: 'Status', reason: 'AlreadyExists' } };
    await using grafana = await startUpstream({
      ...found,
      [`GET ${collection}/a`]: resource(2),
      [`POST ${collection}`]: taken,
      [`PUT ${collection}/a`]: taken,
    });
    const client = clientOf(grafana);
    await client.getDashboard('a');
    const expected = { code: 'conflict', detail: 'version-mismatch' };
    for (const version of [undefined, 1, 2])
      expect(await failureOf(save(client, version))).toMatchObject(expected);
  });

  it('is none when there is no such API either, or when only the dashboard is missing', async () => {
    await using grafana = await startUpstream({
      'GET /api/dashboards/uid/a': [
        noRoute,
        { status: 404, json: { message: 'Dashboard not found' } },
      ],
      'GET /apis/dashboard.grafana.app': [{ status: 404, json: {} }],
    });
    const client = clientOf(grafana);
    expect(await client.getDashboard('a')).toBeNull();
    expect(await client.getDashboard('a')).toBeNull();
    expect(grafana.seen).toHaveLength(3);
  });
});
