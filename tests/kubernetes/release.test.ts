import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiServer } from './support/api-server.js';
import type { Chart, Manifest, Values } from './support/chart.js';
import { runPod } from './support/play-kubelet.js';
import { useChart } from './support/use-chart.js';

/** A release through its life in a real kube-apiserver, which no controller acts upon. */
const MINUTE = 60_000;
const full = 'test-bud-monitoring';

let server: ApiServer;
let chart: Chart;
useChart((stand) => ({ server, chart } = stand));

let status = 200;
const answering = createServer((_request, response) => response.writeHead(status).end());
beforeAll(() => new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => answering.close(resolve)));

const kinds = [
  ...['deployments', 'services', 'configmaps', 'networkpolicies', 'poddisruptionbudgets'],
  ...['horizontalpodautoscalers', 'ingresses', 'serviceaccounts', 'servicemonitors'],
  ...['components', 'configurations', 'resiliencies', 'subscriptions', 'prometheusrules'],
];

type Stored = Manifest & { metadata: { generation?: number } };

/** All objects of the release: their specs, and the generations of those that have pods. */
async function stored(): Promise<{ specs: Record<string, unknown>; generations: string[] }> {
  const label = ['-l', 'app.kubernetes.io/instance=test'];
  const text = await server.kubectl(['get', kinds.join(','), '-n', 'bud', ...label, '-o', 'json']);
  const { items } = JSON.parse(text) as { items: Stored[] };
  const nameOf = ({ kind, metadata }: Stored) => `${kind}/${metadata.name}`;
  return {
    specs: Object.fromEntries(items.map((one) => [nameOf(one), { ...one, metadata: null }])),
    generations: items
      .filter(({ kind }) => kind === 'Deployment')
      .map((one) => `${nameOf(one)} ${one.metadata.generation ?? 0}`),
  };
}

const other: Values = {
  image: { tag: '9.9.9' },
  appIds: { budCluster: 'budcluster' },
  dapr: { publishers: ['budcluster'], callers: ['budcluster'] },
  metrics: { replicas: 3, settings: { QUERY_MAX_POINTS: 1_000_000 } },
  dashboard: { autoscaling: { enabled: true } },
  gateway: { ingress: { enabled: true, hosts: [{ host: 'm.example.com' }] } },
  monitoring: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
};

describe('a release', () => {
  let first: Awaited<ReturnType<typeof stored>>;

  it(
    'is installed with its default values',
    async () => {
      await chart.deploy('install', server, {});
      first = await stored();
      expect(Object.keys(first.specs)).toEqual(
        expect.arrayContaining(
          ['metrics', 'dashboard', 'gateway'].map((part) => `Deployment/${full}-${part}`),
        ),
      );
    },
    2 * MINUTE,
  );

  it(
    'rolls nothing out when it is upgraded to what it is',
    async () => {
      await chart.deploy('upgrade', server, {});
      expect(await stored()).toEqual(first);
    },
    2 * MINUTE,
  );

  it(
    'is upgraded to other values, and rolled back to what it was',
    async () => {
      await chart.deploy('upgrade', server, other);
      const second = await stored();
      expect(Object.keys(second.specs)).toEqual(
        expect.arrayContaining([
          `HorizontalPodAutoscaler/${full}-dashboard`,
          `Ingress/${full}-gateway`,
        ]),
      );
      expect(JSON.stringify(second.specs[`Deployment/${full}-metrics`])).toContain('9.9.9');
      await chart.release(server, 'rollback', '1');
      expect((await stored()).specs).toEqual(first.specs);
      expect(JSON.parse(await chart.release(server, 'history', '-o', 'json'))).toHaveLength(4);
    },
    3 * MINUTE,
  );

  it(
    'is tested by a pod that the restricted standard admits, and that tells when a part lacks something',
    async () => {
      const origin = `http://127.0.0.1:${(answering.address() as AddressInfo).port}`;
      const hosts = [`${full}-gateway`, `${full}-metrics:8080`, `${full}-dashboard:8080`];
      const map = Object.fromEntries(hosts.map((host) => [`http://${host}`, origin]));
      const test = async () => {
        const [said, output] = await Promise.all([
          chart.release(server, 'test').catch(String),
          runPod(server, `${full}-test`, map),
        ]);
        return { said, output };
      };
      const good = await test();
      expect(good.said).toContain('Succeeded');
      expect(good.output.match(/^200 /gm)).toHaveLength(4);
      status = 503;
      expect((await test()).said).toMatch(/failed/i);
      status = 200;
      // What a failed test leaves behind does not keep the next one from running.
      expect((await test()).said).toContain('Succeeded');
    },
    4 * MINUTE,
  );

  it(
    'leaves nothing behind',
    async () => {
      await chart.release(server, 'uninstall');
      expect((await stored()).specs).toEqual({});
    },
    2 * MINUTE,
  );
});
