import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import {
  startFakeBudCluster,
  type FakeBudClusterOptions,
} from '../../../stack/src/fakes/fake-bud-cluster/server.js';
import { constant, loadSeries, series } from '../../../stack/src/fleet/index.js';
import { componentsTicking } from '../../support/components-ticking.js';
import { kubernetesNode, nodeSeries } from '../../metrics/support/exporter.js';

/** The cluster that tokens are limited to, and one beside it. */
export const ours = '5a000000-0000-4000-8000-00000000000a';
export const foreign = '5a000000-0000-4000-8000-00000000f0e1';

/** In everything that only the other cluster has; too long to stand in a random request id by chance. */
export const foreignMark = /0000f0e1|foreign/i;
/** In what lies in a namespace that limited tokens do not name. */
export const hiddenMark = /hidden/i;

const intervalSeconds = 30;
const clusters = [
  { id: ours, name: 'ours', node: 'node-a', ip: '10.0.0.1' },
  { id: foreign, name: 'foreign', node: 'foreign-node', ip: '10.0.0.2' },
];

/** Every node is busier than this. */
const alerting = { ALERT_CPU_USAGE: '1,2', ALERT_INTERVAL: '1s' };

interface SystemOptions {
  /** Replicas of bud-metrics; 1 unless told. */
  readonly replicas?: number;
  /** For how long the store has samples yet; not at all unless told. */
  readonly secondsAhead?: number;
  /** bud-cluster, where it is not to be the plain fake. */
  readonly startBudCluster?: (
    options: FakeBudClusterOptions,
  ) => Promise<{ close(): Promise<void> }>;
}

/** The whole product on this machine, its gateway included, with both clusters in every place that knows of clusters. */
export async function startSystem(
  environment: Readonly<Record<string, string>> = {},
  { replicas = 1, secondsAhead = 0, startBudCluster = startFakeBudCluster }: SystemOptions = {},
): Promise<Stack> {
  const now = Math.floor(Date.now() / 1000);
  const shared = { start: now - 3600, end: now + secondsAhead, interval: intervalSeconds };
  const resources = await componentsTicking({ 'evaluate-alerts': '1s' });
  const stack = await startStack({
    prometheus: {
      prepare: async ({ dataDirectory, promtool }) => {
        await loadSeries({
          ...shared,
          dataDirectory,
          promtool,
          series: clusters.flatMap(seriesOf),
        });
      },
    },
    grafana: true,
    gateway: true,
    environment,
    apps: [
      ...Array.from({ length: replicas }, () => ({
        ...service('metrics', alerting),
        sidecar: { resources },
      })),
      service('dashboard'),
      {
        appId: 'bud-cluster',
        start: ({ port, dapr }) => startBudCluster({ fleet, port, appApiToken: dapr.appToken }),
      },
    ],
  });
  // Not before: the sidecar watches it.
  const stop = () => stack.stop().finally(() => rm(resources, { recursive: true }));
  try {
    await announce(stack);
    return { ...stack, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function seriesOf({ id, node, ip, name }: (typeof clusters)[number]) {
  const labels = { cluster: id, job: 'node-exporter', instance: `${ip}:9100` };
  const pod = (namespace: string) =>
    series(
      'kube_pod_info',
      { cluster: id, namespace, pod: `${namespace}-${name}`, node },
      constant(1),
    );
  return [
    ...nodeSeries(labels, { nodename: node, cores: 1 }),
    ...kubernetesNode(id, { name: node, ip }),
    ...['shown', 'hidden'].map(pod),
  ];
}

const fleet = clusters.map(({ id, name, node, ip }) => ({
  clusterId: id,
  name,
  nodes: [{ name: node, internalIp: ip, type: 'cpu' as const, hardware: [], events: [] }],
}));

/** Events of both clusters, and one of each that becomes a dead letter; waits until dashboards and alerts are there. */
async function announce(stack: Stack): Promise<void> {
  for (const { id, name } of clusters) {
    await publish(stack, { cluster_id: id, name });
    await publish(stack, { cluster_id: id, name: { of: name } });
  }
  const token = await stack.identity.mintToken({ permissions: ['cluster:manage'] });
  const headers = { authorization: `Bearer ${token}` };
  for (let waited = 0; waited < 60_000; waited += 200) {
    const states = await Promise.all(
      clusters.map(async ({ id }) => {
        const url = `${stack.gateway!.url}/api/clusters/${id}/grafana-dashboard`;
        const alerts = await fetch(`${stack.gateway!.url}/api/clusters/${id}/alerts`, { headers });
        const { data } = (await alerts.json()) as { data?: { alerts: unknown[] } };
        return (await fetch(url, { headers })).status === 200 && data?.alerts.length;
      }),
    );
    if (states.every(Boolean)) return;
    await sleep(200);
  }
  throw new Error('the dashboards and alerts of the two clusters do not come');
}

/** Publishes as the platform does, by its own sidecar. */
async function publish(stack: Stack, event: object): Promise<void> {
  const { sidecar } = stack.app('bud-dashboard');
  const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/cluster-created`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
    body: JSON.stringify(event),
  });
  if (response.status !== 204) throw new Error(`publishing answers ${response.status}`);
}
