import { clusterIdSchema } from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import { createDeletionsHealth } from '../../services/dashboard/src/http/deletions-health.js';
import { expectExactly } from './support/expect-exact.js';
import { startHttpApp } from './support/http-app.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv } from './support/test-env.js';

const minute = 60_000;
const ids = Array.from({ length: 6 }, (_, n) =>
  clusterIdSchema.parse(`3f2b8f${10 + n}-6a4d-4b6e-9a51-0d4c7d0a1b2c`),
);
const [id, other, third] = ids as [Id, Id, Id];
type Id = (typeof ids)[number];
const templates = smallTemplates();
const path = `/clusters/${id}/grafana-dashboard`;

describe('a token that Grafana refuses in passing', () => {
  it('is tried again soon: nobody is locked by it', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance({ token: env.grafana.token('Admin') });
    env.grafana.fail(401, { times: 1 });
    await service.deliver('created', { id, name: 'east' });
    await env.advance(5_000);
    expectExactly(env, [{ id, name: 'east' }]);
    expect(service.credentialsPause.pausedUntil).toBeNull();
    expect(env.published.map(({ topic }) => topic)).toEqual(['dashboard-provisioned']);
  });
});

describe('after the pause for a password', () => {
  it('links end before anything else is done', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    for (const cluster of ids) await service.deliver('created', { id: cluster, name: 'a' });
    await env.advance(minute);
    await service.stop();

    const wrong = env.instance({ password: 'wrong' });
    for (const cluster of ids.slice(2)) await wrong.deliver('updated', { id: cluster, name: 'b' });
    await wrong.deliver('deleted', { id });
    await wrong.desiredState.handleRequest(other, {
      kind: 'share',
      enabled: false,
      expiresAt: null,
    });
    await env.advance(minute);
    await wrong.stop();
    const from = env.grafana.requests.length;
    const right = env.instance({ concurrency: 1 });
    right.resyncLoop.start();
    await env.advance(minute);

    const written = env.grafana.requests
      .slice(from)
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path: at }) => `${method} ${at}`);
    const ended = written.findIndex(
      (call) => call.includes('public-dashboards') && call.includes(other),
    );
    const saved = written.findIndex((call) => call.includes('/dashboards/db'));
    expect(written[0]).toMatch(/^DELETE .*public-dashboards/);
    expect(ended).toBeGreaterThanOrEqual(0);
    expect(ended).toBeLessThan(saved);
  });

  it('they come first also where the pause ends by itself', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance({ password: 'admin' });
    for (const cluster of [id, other, third])
      await service.deliver('created', { id: cluster, name: 'a' });
    await env.advance(minute);
    env.grafana.fail(401, { times: 1 });
    await service.deliver('updated', { id: other, name: 'b' });
    await env.advance(minute);
    await service.deliver('deleted', { id });
    await env.advance(minute);
    const due = async (cluster: Id) =>
      (await service.records.get(cluster))!.record.work.nextTry! -
      service.credentialsPause.pausedUntil!;
    expect([await due(id), await due(other)]).toEqual([0, 10_000]);
  });
});

describe('during the pause', () => {
  it('a new link is refused and the old one stays; POST with force tries once', async () => {
    await using app = await startHttpApp();
    const event = { id: 'a', source: 's', data: { cluster_id: id, name: 'east' } };
    await app.deliver('cluster-created', JSON.stringify(event));
    await app.request('POST', path);
    const before = await app.request<{ url: string }>('GET', path);
    expect(before.body.data).toMatchObject({ status: 'ready' });

    app.grafana.fail(401, { times: 1 });
    const more = { ...event, id: 'b', data: { cluster_id: other } };
    await app.deliver('cluster-created', JSON.stringify(more));
    await app.request('POST', `/clusters/${other}/grafana-dashboard`);
    const calls = app.grafana.requests.length;
    expect((await app.request('POST', `${path}/rotate-link`)).status).toBe(503);
    expect((await app.request('GET', path)).body).toEqual(before.body);
    expect((await app.request('POST', path)).status).not.toBe(500);
    expect(app.grafana.requests.length).toBe(calls);

    const forced = await app.request('POST', `/clusters/${other}/grafana-dashboard?force=true`);
    expect(forced.body.data).toMatchObject({ status: 'ready' });
    expect((await app.request('POST', `${path}/rotate-link`)).body.data).toMatchObject({
      status: 'ready',
    });
  });
});

describe('a deletion that does not go through', () => {
  it('is shown with its error and next try, counted, and unhealthy after a while', async () => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    service.resyncLoop.start();
    await service.deliver('created', { id, name: 'a' });
    await env.advance(minute);
    env.grafana.fail(403, { match: /^DELETE / });
    await service.deliver('deleted', { id });
    await env.advance(11 * minute);
    expect(service.statusCounts.at(-1)).toMatchObject({ deleting: 1, deleted: 0 });
    const sharing = { allowed: true };
    const health = createDeletionsHealth({ ...service, sharing, clock: env.time });
    const { signal } = new AbortController();
    expect(await health(signal)).toMatchObject({ status: 'healthy', details: { deleting: 1 } });
    await env.advance(5 * minute);
    expect(await health(signal)).toMatchObject({ status: 'unhealthy', details: { deleting: 1 } });
    env.grafana.clearFaults();
    await env.advance(40 * minute);
    expect(service.statusCounts.at(-1)).toMatchObject({ deleting: 0, deleted: 1 });
    expectExactly(env, []);
  });

  it('answers 200 deleting over HTTP, and 404 at the end', async () => {
    await using app = await startHttpApp();
    const event = { id: 'a', source: 's', data: { cluster_id: id, name: 'east' } };
    await app.deliver('cluster-created', JSON.stringify(event));
    await app.request('POST', path);
    app.grafana.fail(403, { match: /^DELETE / });
    await app.deliver('cluster-deleted', JSON.stringify({ ...event, id: 'b' }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const shown = {
      status: 'deleting',
      last_error: expect.stringMatching(/allow/),
      next_try: expect.any(String),
    };
    const answer = await app.request('GET', path);
    expect(answer).toMatchObject({ status: 200, body: { data: { ...shown, url: null } } });
    const list = await app.request('GET', '/dashboards');
    expect(list.body.data).toMatchObject({ dashboards: [{ cluster_id: id, ...shown }] });
    const { body } = await app.request<Record<string, unknown>>('GET', '/health/stack');
    expect(body.data['deletions']).toMatchObject({ status: 'healthy', details: { deleting: 1 } });
  });
});
