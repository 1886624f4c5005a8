import { afterEach, describe, expect, it } from '@jest/globals';

import { createDapr } from '../dapr/dapr.js';
import type { Dapr } from '../dapr/types.js';
import { failureOf, startUpstream, type FakeUpstream, type Reply } from '../testing/upstream.js';
import { createBudClusterClient } from './client.js';

const open: Dapr[] = [];
afterEach(async () => {
  for (const dapr of open.splice(0)) await dapr.stop();
});

function clientOn(sidecar: FakeUpstream) {
  const dapr = createDapr({ baseUrl: sidecar.url });
  open.push(dapr);
  return createBudClusterClient({ dapr, appId: 'budcluster', timeoutMs: 2000 });
}

const id = '6f1c7e5e-0000-4000-8000-000000000001';
const app = 'GET /v1.0/invoke/budcluster/method/cluster';
const nodesRoute = `${app}/${id}/nodes`;
const countsRoute = `${app}/${id}/events-count-by-node`;

const wire = {
  id: 'n-1',
  name: 'fl4u42',
  type: 'gpu',
  hardware_info: [{ name: 'Xeon', type: 'cpu', available_count: 8 }],
  status: true,
  total_workers: 0,
  internal_ip: '10.0.0.1',
};
const node = {
  id: 'n-1',
  name: 'fl4u42',
  internalIp: '10.0.0.1',
  status: true,
  devices: [{ name: 'Xeon', type: 'cpu', available_count: 8 }],
};

describe('nodes', () => {
  it.each([
    [{ object: 'info', message: 'm', param: { nodes: [wire] } }],
    [{ nodes: [wire] }],
    [{ object: 'info', data: { nodes: [wire] } }],
    [{ param: null, nodes: [wire] }],
  ])('are read from %j', async (json) => {
    await using sidecar = await startUpstream({ [nodesRoute]: { json } });
    expect(await clientOn(sidecar).nodes(id)).toEqual([node]);
  });

  it.each([
    [undefined, []],
    [null, []],
    [{ device_config: {} }, [{ device_config: {} }]],
    [[{ a: 1 }, 'x', null], [{ a: 1 }]],
  ])('may have %j as hardware', async (hardware_info, devices) => {
    const json = { nodes: [{ id: 'n', name: 'a', hardware_info }] };
    await using sidecar = await startUpstream({ [nodesRoute]: { json } });
    expect(await clientOn(sidecar).nodes(id)).toEqual([
      { id: 'n', name: 'a', internalIp: null, status: null, devices },
    ]);
  });

  it('are none for a cluster that is not known there', async () => {
    await using sidecar = await startUpstream({ [nodesRoute]: { json: { param: { nodes: [] } } } });
    expect(await clientOn(sidecar).nodes(id)).toEqual([]);
  });
});

describe('events', () => {
  it('are counted by node', async () => {
    const json = { object: 'info', param: null, data: { fl4u42: 12, fl4u44: 0 } };
    await using sidecar = await startUpstream({ [countsRoute]: { json } });
    expect(await clientOn(sidecar).eventsCountByNode(id)).toEqual({ fl4u42: 12, fl4u44: 0 });
  });

  it('are listed for a node', async () => {
    const events = [
      {
        type: 'Warning',
        reason: 'DiskPressure',
        message: 'm',
        count: 3,
        first_timestamp: '2026-01-01T00:00:00Z',
        last_timestamp: null,
        source: { component: 'kubelet', host: 'fl4u42' },
      },
      { type: 'Normal' },
    ];
    await using sidecar = await startUpstream({
      [`${app}/${id}/node-wise-events/fl4u42.local`]: { json: { data: { events } } },
    });
    expect(await clientOn(sidecar).nodeEvents(id, 'fl4u42.local')).toEqual([
      {
        type: 'Warning',
        reason: 'DiskPressure',
        message: 'm',
        count: 3,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: null,
        source: { component: 'kubelet', host: 'fl4u42' },
      },
      {
        type: 'Normal',
        reason: null,
        message: null,
        count: 1,
        firstTimestamp: null,
        lastTimestamp: null,
        source: { component: null, host: null },
      },
    ]);
  });

  it.each(['a?b', 'a/b', '..', 'a%2f', 'a b', ''])('of a node %j do not exist', async (name) => {
    await using sidecar = await startUpstream({});
    const failure = await failureOf(clientOn(sidecar).nodeEvents(id, name));
    expect(failure).toMatchObject({ upstream: 'bud-cluster', code: 'not_found' });
  });
});

describe('a failure', () => {
  const envelope = { object: 'error', code: 500, message: '404: Cluster not found' };
  it.each<[string, Reply, object]>([
    ['an error', { status: 500, json: envelope }, { code: 'bad_answer', status: 500 }],
    ['an error with status 200', { json: envelope }, { code: 'bad_answer', status: 500 }],
    ['a bad id', { status: 422, json: { detail: [] } }, { code: 'refused', status: 422 }],
    ['HTML', { text: '<html>' }, { code: 'bad_answer' }],
    ['nothing', { status: 204 }, { code: 'bad_answer' }],
    ['nonsense', { json: { param: { nodes: 'many' } } }, { code: 'bad_answer' }],
    [
      'no such app',
      { status: 500, json: { errorCode: 'ERR_DIRECT_INVOKE' } },
      { code: 'unreachable' },
    ],
    ['silence', { raw: () => undefined }, { code: 'timeout' }],
  ])('by %s names bud-cluster and is not retried', async (_what, reply, expected) => {
    await using sidecar = await startUpstream({ [nodesRoute]: [reply] });
    const failure = await failureOf(clientOn(sidecar).nodes(id));
    expect(failure).toMatchObject({ name: 'UpstreamError', upstream: 'bud-cluster', ...expected });
  });
});

describe('a cluster of which nothing is heard', () => {
  it('is not asked about for a while, and others are', async () => {
    const other = '6f1c7e5e-0000-4000-8000-000000000002';
    const json = { nodes: [wire] };
    await using sidecar = await startUpstream({
      [nodesRoute]: { raw: () => undefined },
      [`${app}/${other}/nodes`]: { json },
    });
    const dapr = createDapr({ baseUrl: sidecar.url });
    open.push(dapr);
    const client = createBudClusterClient({ dapr, appId: 'budcluster', timeoutMs: 50 });
    const codes: unknown[] = [];
    for (let call = 0; call < 5; call += 1) codes.push(await failureOf(client.nodes(id)));
    const late = { upstream: 'bud-cluster', code: 'timeout' };
    const kept = { upstream: 'bud-cluster', code: 'circuit_open' };
    expect(codes).toMatchObject([late, late, late, kept, kept]);
    expect(sidecar.seen).toHaveLength(3);
    expect(await client.nodes(other)).toEqual([node]);
  });

  it('is one that answers, whatever it says', async () => {
    await using sidecar = await startUpstream({ [nodesRoute]: { status: 500, json: {} } });
    const client = clientOn(sidecar);
    for (let call = 0; call < 5; call += 1)
      expect(await failureOf(client.nodes(id))).toMatchObject({ code: 'bad_answer', status: 500 });
  });
});
