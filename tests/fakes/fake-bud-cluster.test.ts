import { describe, expect, it } from '@jest/globals';
import {
  startFakeBudCluster,
  type FakeBudClusterOptions,
} from '../../stack/src/fakes/fake-bud-cluster/server.js';
import type { FleetCluster } from '../../stack/src/fakes/fake-bud-cluster/types.js';
import { call } from './call.js';

const ID = 'ABCDEF01-2345-1678-9abc-def012345678';
const UNKNOWN = '00000000-0000-0000-0000-000000000001';
const event = (reason: string, count: number) => ({
  type: 'Warning' as const,
  reason,
  message: `${reason} happened`,
  count,
  first_timestamp: '2026-11-22T00:00:00Z',
  last_timestamp: null,
  source: { component: 'kubelet', host: 'node-1' },
});
const cpu = {
  kind: 'cpu' as const,
  name: 'Xeon 8480+',
  vendor: 'Intel',
  count: 56,
  threadsPerCore: 2,
};
const gpu = (vendor: string) => ({
  kind: 'gpu' as const,
  name: 'H100',
  vendor,
  count: 8,
  memoryGb: 80,
});
const fleet: FleetCluster[] = [
  {
    clusterId: ID,
    name: 'east',
    nodes: [
      {
        name: 'node-1',
        internalIp: '10.0.0.1',
        type: 'gpu',
        hardware: [gpu('NVIDIA'), cpu],
        events: [event('OOM', 3), event('Reboot', 0)],
      },
      { name: 'node-2', internalIp: '10.0.0.2', type: 'cpu', hardware: [cpu], events: [] },
    ],
  },
];

const start = (options: Partial<FakeBudClusterOptions> = {}) =>
  startFakeBudCluster({ fleet, ...options });

describe('GET /cluster/:id/nodes', () => {
  it('lists the nodes in the envelope and with the hardware of 2025', async () => {
    await using fake = await start();

    const answer = await call('GET', `${fake.url}/cluster/${ID}/nodes`);

    expect(answer.json).toEqual({
      object: 'info',
      message: 'Cluster nodes fetched successfully',
      param: { nodes: [expect.anything(), expect.anything()] },
    });
    const [first] = (answer.json as { param: { nodes: unknown[] } }).param.nodes;
    expect(first).toEqual({
      cluster_id: ID.toLowerCase(),
      name: 'node-1',
      type: 'gpu',
      total_workers: 0,
      available_workers: 0,
      used_workers: 0,
      threads_per_core: 2,
      core_count: 56,
      hardware_info: [
        {
          name: 'H100',
          type: 'gpu',
          device_info: { memory_gb: 80 },
          device_config: {},
          available_count: 8,
        },
        {
          name: 'Xeon 8480+',
          type: 'cpu',
          device_info: { num_virtual_cores: 112, num_physical_cores: 56, threads_per_core: 2 },
          device_config: {},
          available_count: 56,
        },
      ],
      status: true,
      status_sync_at: '2025-07-25T12:00:00',
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      created_at: '2025-07-25T00:00:00Z',
      modified_at: null,
    });
  });

  it('can stand in the envelope of the seed, with the hardware of 2026', async () => {
    await using fake = await start({ envelope: 'seed', hardwareShape: '2026' });

    const answer = await call('GET', `${fake.url}/cluster/${ID}/nodes`);

    expect(answer.json).toMatchObject({
      nodes: [
        {
          name: 'node-1',
          type: 'cuda',
          internal_ip: '10.0.0.1',
          hardware_info: [
            {
              type: 'cuda',
              total_count: 8,
              available_count: 8,
              device_config: { type: 'cuda', vendor: 'NVIDIA', memory_gb: 80, count: 8 },
            },
            { type: 'cpu_high', device_config: { model: 'Xeon 8480+' } },
          ],
        },
        { name: 'node-2', type: 'cpu_high', internal_ip: '10.0.0.2' },
      ],
    });
  });

  it('has the same node ids at every start', async () => {
    await using one = await start();
    await using two = await start();

    const answers = await Promise.all(
      [one, two].map(({ url }) => call('GET', `${url}/cluster/${ID}/nodes`)),
    );

    expect(answers[0]?.json).toEqual(answers[1]?.json);
  });
});

describe('events', () => {
  it('are counted by node, an event without a count as one', async () => {
    await using fake = await start();

    const answer = await call('GET', `${fake.url}/cluster/${ID}/events-count-by-node`);

    expect(answer.json).toEqual({
      object: 'info',
      message: 'Node events count collected',
      param: null,
      data: { 'node-1': 4, 'node-2': 0 },
    });
  });

  it.each([
    ['node-1', ['OOM', 'Reboot']],
    ['node-2', []],
    ['nobody', []],
  ])('are listed for %s', async (node, reasons) => {
    await using fake = await start();

    const answer = await call('GET', `${fake.url}/cluster/${ID}/node-wise-events/${node}`);

    const { events } = (answer.json as { data: { events: { reason: string }[] } }).data;
    expect(events.map(({ reason }) => reason)).toEqual(reasons);
  });
});

describe('what is not there', () => {
  it.each([
    { path: `/cluster/${UNKNOWN}/nodes`, status: 200, body: { param: { nodes: [] } } },
    {
      path: `/cluster/${UNKNOWN}/events-count-by-node`,
      status: 500,
      body: { code: 500, message: '404: Cluster not found', type: 'InternalServerError' },
    },
    { path: `/cluster/${UNKNOWN}/node-wise-events/node-1`, status: 500, body: { object: 'error' } },
    { path: '/cluster/not-a-uuid/nodes', status: 422, body: { object: 'error', code: 422 } },
    { path: '/elsewhere', status: 404, body: { object: 'error', code: 404 } },
  ])('is answered as the original does: $path', async ({ path, status, body }) => {
    await using fake = await start();

    const answer = await call('GET', fake.url + path);

    expect(answer).toMatchObject({ status, json: body });
  });
});

describe('the token of the sidecar', () => {
  it.each([
    ['none', {}, 401],
    ['a wrong one', { 'dapr-api-token': 'wrong' }, 401],
    ['the right one', { 'dapr-api-token': 'right' }, 200],
  ])('is demanded where one is set: %s', async (_, headers, status) => {
    await using fake = await start({ appApiToken: 'right' });

    const answer = await call('GET', `${fake.url}/cluster/${ID}/nodes`, { headers });

    expect(answer.status).toBe(status);
  });

  it('is not demanded of whoever asks for health', async () => {
    await using fake = await start({ appApiToken: 'right' });

    expect((await call('GET', `${fake.url}/health`)).status).toBe(200);
  });
});

describe('the control routes', () => {
  const control = { token: 'control' };
  const headers = { authorization: 'Bearer control' };

  it('break the app, count what it was asked and mend it again', async () => {
    await using fake = await start({ control });
    const nodes = `/cluster/${ID}/nodes`;
    const faults = `${fake.controlUrl!}/faults`;

    const put = await call('POST', faults, { headers, body: { kind: 503, match: 'nodes$' } });
    const broken = await call('GET', fake.url + nodes);
    const other = await call('GET', `${fake.url}/cluster/${ID}/events-count-by-node`);
    await call('DELETE', faults, { headers });
    const mended = await call('GET', fake.url + nodes);
    const requests = await call('GET', `${fake.controlUrl!}/requests`, { headers });

    expect([put, broken, other, mended].map(({ status }) => status)).toEqual([204, 503, 200, 200]);
    expect(requests.json).toEqual([
      { method: 'GET', path: nodes, status: 503 },
      { method: 'GET', path: `/cluster/${ID}/events-count-by-node`, status: 200 },
      { method: 'GET', path: nodes, status: 200 },
    ]);
    expect(fake.count(/nodes$/)).toBe(2);
  });

  it('make it hang and answer nonsense', async () => {
    await using fake = await start({ control });
    const url = `${fake.url}/cluster/${ID}/nodes`;
    const faults = `${fake.controlUrl!}/faults`;
    await call('POST', faults, { headers, body: { kind: 'nonsense', times: 1 } });
    await call('POST', faults, { headers, body: { kind: 'hang', times: 1 } });

    const nonsense = await call('GET', url);

    expect(nonsense.json).toEqual({ unexpected: true });
    const leave = new AbortController();
    const hanging = call('GET', url, { signal: leave.signal });
    // The fault is for one request: it must have arrived before its caller leaves.
    while (fake.count(/nodes$/) < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    leave.abort();
    await expect(hanging).rejects.toThrow(/abort/);
    expect((await call('GET', url)).status).toBe(200);
  });

  it('make it slow', async () => {
    await using fake = await start({ control });
    const url = `${fake.url}/cluster/${ID}/nodes`;

    await call('PUT', `${fake.controlUrl!}/delay`, { headers, body: { ms: 5_000 } });

    await expect(call('GET', url, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/timeout/);
  });

  it.each([{ kind: 'explode' }, { kind: 503, match: '(' }, { kind: 503, times: 0 }])(
    'refuse %j',
    async (body) => {
      await using fake = await start({ control });

      const answer = await call('POST', `${fake.controlUrl!}/faults`, { headers, body });

      expect(answer.status).toBe(400);
      expect((await call('GET', `${fake.url}/cluster/${ID}/nodes`)).status).toBe(200);
    },
  );

  it('want their token, and are not there for callers of the app', async () => {
    await using fake = await start({ control });

    const without = await call('GET', `${fake.controlUrl!}/requests`);
    const wrong = await call('DELETE', `${fake.controlUrl!}/faults`, {
      headers: { authorization: 'Bearer guess' },
    });
    const beside = await call('POST', `${fake.url}/faults`, { headers, body: { kind: 500 } });

    expect([without, wrong, beside].map(({ status }) => status)).toEqual([401, 401, 404]);
  });
});
