import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  constant,
  loadSeries,
  series,
  service,
  startStack,
  type Stack,
} from '@bud-monitoring/stack';
import { startFakeBudCluster } from '../../stack/src/fakes/fake-bud-cluster/server.js';

const CLUSTERS = 1000;
const ids = Array.from(
  { length: CLUSTERS },
  (_, index) => `0f000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
);
let stack: Stack;

beforeAll(async () => {
  const end = Math.floor(Date.now() / 1000);
  const fleet = ids.map((clusterId, index) => ({
    clusterId,
    name: `cluster-${index}`,
    nodes: [
      { name: 'node', internalIp: '10.0.0.1', type: 'cpu' as const, hardware: [], events: [] },
    ],
  }));
  stack = await startStack({
    prometheus: {
      prepare: async ({ dataDirectory, promtool }) => {
        await loadSeries({
          dataDirectory,
          promtool,
          start: end - 120,
          end,
          interval: 30,
          series: ids.map((cluster) => series('up', { cluster, instance: 'node' }, constant(1))),
        });
      },
    },
    apps: [
      service('metrics', { AUTH_MODE: 'off' }),
      {
        appId: 'bud-cluster',
        start: ({ port, dapr }) => startFakeBudCluster({ fleet, port, appApiToken: dapr.appToken }),
      },
    ],
  });
}, 120_000);
afterAll(() => stack.stop());

it('leaves the sidecars alive that bud-metrics gives up calls of: the first of three to answer decides', async () => {
  const { url, apiToken } = stack.app('bud-cluster').sidecar;
  const statuses = new Map<number, number>();
  const get = async (path: string) => {
    const { status, body } = await fetch(`${url}/v1.0/invoke/bud-metrics/method${path}`, {
      headers: { 'dapr-api-token': apiToken },
    });
    await body?.cancel();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  for (const id of ids) {
    await get(`/clusters/${id}/alert-thresholds`);
    await get(`/clusters/${id}/alerts`);
  }
  const ended = await Promise.race([stack.failed, Promise.resolve(null)]);
  expect({ ended, statuses }).toEqual({ ended: null, statuses: new Map([[200, 2 * CLUSTERS]]) });
}, 180_000);
