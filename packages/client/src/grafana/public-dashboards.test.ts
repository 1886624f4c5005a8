import { describe, expect, it } from '@jest/globals';

import { bodyOf, clientOf } from '../testing/grafana.js';
import { failureOf, startUpstream, type Reply } from '../testing/upstream.js';

/** A 404 of the router: this Grafana has no such route or verb. */
const noRoute: Reply = { status: 404, json: { message: 'Not found' } };
const noPublicDashboard: Reply = {
  status: 404,
  json: {
    message: 'Public dashboard not found',
    messageId: 'publicdashboards.notFound',
    statusCode: 404,
    traceID: '',
  },
};
const hang: Reply = { raw: () => undefined };
const cut: Reply = { raw: (response) => response.destroy() };

describe('public dashboards', () => {
  const publicDashboard = { uid: 's', dashboardUid: 'a', accessToken: 'secret', isEnabled: true };
  const asked: Reply = {
    json: { ...publicDashboard, timeSettings: {}, annotationsEnabled: false },
  };
  const path = '/api/dashboards/uid/a/public-dashboards';

  it('are read, or there is none', async () => {
    await using grafana = await startUpstream({
      [`GET ${path}`]: [asked, noPublicDashboard, noRoute],
    });
    const client = clientOf(grafana);
    expect(await client.getPublicDashboard('a')).toEqual(publicDashboard);
    expect(await client.getPublicDashboard('a')).toBeNull();
    expect(await client.getPublicDashboard('a')).toBeNull();
  });

  it('are made only where there is none', async () => {
    await using grafana = await startUpstream({
      [`GET ${path}`]: [noPublicDashboard, asked],
      [`POST ${path}`]: [asked],
    });
    const client = clientOf(grafana);
    expect(await client.createPublicDashboard('a')).toEqual(publicDashboard);
    expect(bodyOf(grafana)).toEqual({ isEnabled: true, share: 'public' });
    expect(await client.createPublicDashboard('a')).toEqual(publicDashboard);
  });

  it('that were switched off are switched on instead of made anew', async () => {
    const off: Reply = { json: { ...publicDashboard, isEnabled: false } };
    await using grafana = await startUpstream({
      [`GET ${path}`]: [off],
      [`PATCH ${path}/s`]: [asked],
    });
    expect(await clientOf(grafana).createPublicDashboard('a')).toEqual(publicDashboard);
  });

  const taken: Reply = {
    status: 400,
    json: {
      message: 'Dashboard is already public',
      messageId: 'publicdashboards.dashboardIsPublic',
    },
  };
  it.each<[string, Reply]>([
    ['was cut off', cut],
    ['hung', hang],
    ['failed half-way', { status: 500, json: {} }],
    ['came second', taken],
  ])('are looked for, and not posted again, after a POST that %s', async (_what, reply) => {
    await using grafana = await startUpstream({
      [`GET ${path}`]: [noPublicDashboard, asked],
      [`POST ${path}`]: [reply],
    });
    expect(await clientOf(grafana, { timeoutMs: 3000 }).createPublicDashboard('a')).toEqual(
      publicDashboard,
    );
  });

  it('are reported missing when the doubtful POST did nothing', async () => {
    await using grafana = await startUpstream({
      [`GET ${path}`]: [noPublicDashboard, noPublicDashboard],
      [`POST ${path}`]: [cut],
    });
    expect(await failureOf(clientOf(grafana).createPublicDashboard('a'))).toMatchObject({
      code: 'unreachable',
    });
  });

  it.each<[string, Reply, Record<string, string>]>([
    [
      'are switched off',
      noRoute,
      { code: 'not_found', detail: 'public dashboards are switched off' },
    ],
    [
      'are for a dashboard that is not there',
      { status: 404, json: { messageId: 'publicdashboards.dashboardNotFound' } },
      { code: 'not_found', detail: 'publicdashboards.dashboardNotFound' },
    ],
    [
      'have template variables',
      { status: 400, json: { messageId: 'publicdashboards.hasTemplateVariables' } },
      { code: 'refused', detail: 'publicdashboards.hasTemplateVariables' },
    ],
  ])('cannot be made when they %s', async (_what, reply, expected) => {
    await using grafana = await startUpstream({
      [`GET ${path}`]: [reply.status === 404 ? noRoute : noPublicDashboard],
      [`POST ${path}`]: [reply],
    });
    expect(await failureOf(clientOf(grafana).createPublicDashboard('a'))).toMatchObject(expected);
  });

  it('are made with the uid and token that they had', async () => {
    await using grafana = await startUpstream({
      [`GET ${path}`]: [noPublicDashboard, noPublicDashboard],
      [`POST ${path}`]: [
        asked,
        { status: 400, json: { messageId: 'publicdashboards.uidExists' } },
        asked,
      ],
    });
    const client = clientOf(grafana);
    const keep = { uid: 's', accessToken: 't' };
    await client.createPublicDashboard('a', keep);
    expect(bodyOf(grafana)).toEqual({ isEnabled: true, share: 'public', ...keep });
    // Taken: then with others.
    await client.createPublicDashboard('a', keep);
    expect(bodyOf(grafana)).toEqual({ isEnabled: true, share: 'public' });
  });

  it('are changed by PATCH, by PUT where that is unknown, and then by PUT alone', async () => {
    await using grafana = await startUpstream({
      [`PATCH ${path}/s`]: [noRoute],
      [`PUT ${path}/s`]: [asked, asked],
    });
    const client = clientOf(grafana);
    expect(await client.updatePublicDashboard('a', 's', { isEnabled: true })).toEqual(
      publicDashboard,
    );
    expect(await client.updatePublicDashboard('a', 's', { isEnabled: true })).toEqual(
      publicDashboard,
    );
    expect(bodyOf(grafana)).toEqual({ isEnabled: true });
  });

  it('are changed by PATCH again after Grafana was renewed', async () => {
    await using grafana = await startUpstream({
      [`PATCH ${path}/s`]: [noRoute, asked],
      [`PUT ${path}/s`]: [asked, noRoute],
    });
    const client = clientOf(grafana);
    await client.updatePublicDashboard('a', 's', { isEnabled: true });
    expect(await client.updatePublicDashboard('a', 's', { isEnabled: true })).toEqual(
      publicDashboard,
    );
  });

  it('cannot be changed when they are gone', async () => {
    await using grafana = await startUpstream({ [`PATCH ${path}/s`]: [noPublicDashboard] });
    const failure = await failureOf(
      clientOf(grafana).updatePublicDashboard('a', 's', { isEnabled: false }),
    );
    expect(failure).toMatchObject({ code: 'not_found', detail: 'publicdashboards.notFound' });
  });

  it.each<[Reply]>([[{ text: 'null' }], [{ text: '' }], [{ status: 204 }]])(
    'are deleted by whatever success: %j',
    async (reply) => {
      await using grafana = await startUpstream({
        [`DELETE ${path}/s`]: [reply, noPublicDashboard],
      });
      const client = clientOf(grafana);
      expect(await client.deletePublicDashboard('a', 's')).toBe(true);
      expect(await client.deletePublicDashboard('a', 's')).toBe(false);
    },
  );

  const row = (uid: string) => ({ ...publicDashboard, uid, title: 'T' });
  const list = 'GET /api/dashboards/public-dashboards';

  it('are listed from an array', async () => {
    await using grafana = await startUpstream({ [list]: [{ json: [row('s'), row('t')] }] });
    expect(await clientOf(grafana).listPublicDashboards()).toEqual([
      publicDashboard,
      { ...publicDashboard, uid: 't' },
    ]);
  });

  it('are listed page by page', async () => {
    const page = (...rows: object[]): Reply => ({
      json: { publicDashboards: rows, totalCount: 3, page: 1, perPage: 2 },
    });
    await using grafana = await startUpstream({
      [list]: [page(row('1'), row('2')), page(row('3'))],
    });
    const uids = (await clientOf(grafana).listPublicDashboards()).map(({ uid }) => uid);
    expect(uids).toEqual(['1', '2', '3']);
    expect(grafana.seen.map(({ query }) => query.get('page'))).toEqual(['1', '2']);
  });

  it('are listed to an end although the pages repeat', async () => {
    const json = { publicDashboards: [row('1')], totalCount: 9 };
    await using grafana = await startUpstream({ [list]: [{ json }, { json }] });
    expect(await clientOf(grafana).listPublicDashboards()).toHaveLength(1);
  });
});
