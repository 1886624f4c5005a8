import {
  clusterIdSchema,
  topics,
  type DashboardList,
  type DeadLetterList,
  type GrafanaDashboard,
  type StackHealth,
} from '@bud-monitoring/contracts';
import { describe, expect, it } from '@jest/globals';
import type { ClusterRecord } from '../../services/dashboard/src/domain/state/record.js';
import { shardKeyOf } from '../../services/dashboard/src/domain/state/shards.js';
import { expectExactly } from './support/expect-exact.js';
import { startHttpApp, type HttpApp } from './support/http-app.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv } from './support/test-env.js';

const bad = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const good = clusterIdSchema.parse('8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10');
const templates = smallTemplates();
const minute = 60_000;
const path = (id: string) => `/clusters/${id}/grafana-dashboard`;

const created = (id: string, name: string, more = '') =>
  `{"id":"${name}","source":"test","specversion":"1.0","data":{"cluster_id":"${id}","name":"${name}"${more}}}`;
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Waits until the cluster has a status. */
async function untilStatus(app: HttpApp, id: string, status: string): Promise<void> {
  for (;;) {
    const { body } = await app.request<GrafanaDashboard>('GET', path(id));
    if (body.data.status === status) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until health tells of the record, as it does after the first resync. */
async function untilDegraded(app: HttpApp): Promise<void> {
  for (;;) {
    const { records } = (await app.request<StackHealth>('GET', '/health/stack')).body.data;
    if (records?.status === 'degraded') {
      expect(records.details).toMatchObject({ unreadable: 1 });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('an event that cannot be taken', () => {
  it.each([
    ['nested 4,200 levels deep', `{"cluster_id":"no","x":${deep(4_200)}}`],
    ['nested a million levels deep', `{"cluster_id":"no","x":${deep(1_000_000)}}`],
    ['nested deeply, in its id', `{"id":${deep(9_000)},"source":${deep(9_000)},"data":1}`],
    ['nested deeply, in its source', `{"id":"a","source":${deep(9_000)},"data":1}`],
    ['nested deeply, in its data as text', JSON.stringify({ id: 'a', data: deep(9_000) })],
    ['a bare list', deep(9_000)],
    ['3 MB long', `{"id":"a","data":{"cluster_id":"no","name":"${'x'.repeat(3_000_000)}"}}`],
    ['no JSON', 'hello {'],
    ['nothing', 'null'],
    ['full of prototypes', '{"__proto__":{"id":"x"},"data":{"__proto__":{},"constructor":1}}'],
  ])('is dropped and kept when it is %s', async (_, message) => {
    await using app = await startHttpApp();

    for (const topic of ['cluster-created', 'cluster-updated', 'cluster-deleted'])
      expect(await app.deliver(topic, message)).toBe('DROP');

    const { body } = await app.request<DeadLetterList>('GET', '/dead-letters');
    expect(body.data.total).toBe(3);
    const [one] = body.data.dead_letters;
    expect(one).toMatchObject({
      bytes: Buffer.byteLength(message === 'hello {' ? '"hello {"' : message),
      truncated: message.length > 256 * 1024,
    });
    expect(await app.metric('dapr_stuck_events')).toBe(0);
    expect(await app.deliver('cluster-created', created(good, 'good'))).toBe('SUCCESS');
  });
});

describe('a record that cannot be read', () => {
  const records: [string, unknown][] = [
    ['of a later version', { v: 99, id: bad, wholly: 'other' }],
    ['that is garbage', 'garbage'],
    ['of another shape', { v: 1, id: bad, desired: [] }],
    ['of another cluster', null],
    ['that is empty', {}],
  ];

  it.each(records)('%s sets aside its cluster alone', async (_, value) => {
    await using app = await startHttpApp();
    await app.deliver('cluster-created', created(bad, 'bad'));
    await untilStatus(app, bad, 'ready');
    const stored = value ?? { ...(app.state.all().get(`cluster:${bad}`) as object), id: good };
    app.state.put(`cluster:${bad}`, stored);

    // Its own events are kept, those of others are taken.
    const update = created(bad, 'renamed');
    expect(await app.deliver('cluster-updated', update)).toBe('DROP');
    const base64 = Buffer.from(
      JSON.stringify({ ...JSON.parse(update), topic: topics.clusterUpdated }),
    );
    const dead = JSON.stringify({ id: 'x', data_base64: base64.toString('base64') });
    expect(await app.deliver('dead-letter', dead)).not.toBe('RETRY');
    expect(await app.deliver('cluster-created', created(good, 'good'))).toBe('SUCCESS');
    await untilStatus(app, good, 'ready');
    const letters = (await app.request<DeadLetterList>('GET', '/dead-letters')).body.data
      .dead_letters;
    expect(letters).toMatchObject([{ cluster_id: bad, reason: expect.stringMatching(/read/) }]);

    // It is shown.
    app.start();
    const shown = {
      cluster_id: bad,
      status: 'unreadable',
      last_error: expect.stringMatching(/POST/),
    };
    expect(await app.request('GET', path(bad))).toMatchObject({
      status: 200,
      body: { data: shown },
    });
    const list = (await app.request<DashboardList>('GET', '/dashboards')).body.data.dashboards;
    expect(list).toMatchObject([shown, { cluster_id: good, status: 'ready' }]);
    await untilDegraded(app);
    expect(
      await app.metric('bud_dashboard_clusters{status="unreadable"}'.replace(/[{}]/g, '\\$&')),
    ).toBe(1);
    expect(await app.request('POST', `${path(bad)}/rotate-link`)).toMatchObject({ status: 409 });
    // Nothing was written over it.
    expect(app.state.all().get(`cluster:${bad}`)).toEqual(stored);

    // A command brings it back, and what was missed is replayed.
    expect(await app.request('POST', path(bad))).toMatchObject({
      body: { data: { status: 'ready' } },
    });
    const replay = await app.request('POST', `/dead-letters/${letters[0]!.id}/replay`);
    expect(replay.status).toBe(200);
    await untilStatus(app, bad, 'ready');
    expect((await app.request<GrafanaDashboard>('GET', path(bad))).body.data.name).toBe('renamed');
    expect(app.grafana.dashboards().length).toBe(8);
  });

  it('is none for a time that no date has, which is not taken either', async () => {
    await using app = await startHttpApp();
    await app.deliver('cluster-created', created(bad, 'bad'));
    await untilStatus(app, bad, 'ready');
    for (const seconds of [Date.now(), 9e12, 1e300, 253_402_300_800]) {
      const body = JSON.stringify({ enabled: true, expires_at: seconds });
      expect(await app.request('PUT', `${path(bad)}/sharing`, body)).toMatchObject({
        status: 400,
        body: { details: [{ field: 'expires_at' }] },
      });
    }

    const stored = structuredClone(app.state.all().get(`cluster:${bad}`)) as ClusterRecord;
    stored.desired.sharing.expiresAt = 9e15;
    app.state.put(`cluster:${bad}`, stored);
    for (const shown of [path(bad), '/dashboards'])
      expect(await app.request('GET', shown)).toMatchObject({ status: 200 });
  });

  it('is removed by DELETE', async () => {
    await using app = await startHttpApp();
    await app.deliver('cluster-created', created(bad, 'bad'));
    await untilStatus(app, bad, 'ready');
    app.state.put(`cluster:${bad}`, { v: 99 });
    expect(await app.request('DELETE', path(bad))).toMatchObject({
      status: 200,
      body: { data: { status: 'disabled' } },
    });
    expect(app.grafana.dashboards()).toEqual([]);
  });

  it.each([
    ['of a part of the index is begun anew', 'garbage', { v: 1, clusters: { [bad]: {} } }],
    [
      'of the index that a later version wrote is kept',
      { v: 99, more: 1, clusters: { [good]: { a: 1 } } },
      { v: 99, more: 1, clusters: { [good]: { a: 1 }, [bad]: {} } },
    ],
  ])('%s', async (_, value, kept) => {
    await using env = await startTestEnv({ templates });
    const service = env.instance();
    env.state.put(shardKeyOf(bad), value);
    service.resyncLoop.start();
    expect(await service.deliver('created', { id: bad, name: 'bad' })).toBe('SUCCESS');
    await env.advance(minute);
    expectExactly(env, [{ id: bad, name: 'bad' }]);
    expect(env.state.all().get(shardKeyOf(bad))).toMatchObject(kept);
  });
});
