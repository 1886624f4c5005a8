import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { constant, loadSeries, series } from '../../stack/src/fleet/index.js';
import { createMemoryState } from '../dashboard/support/memory-state.js';
import { startService as startMetricsService } from '../metrics/support/service.js';
import { makeCertificates, type Certificates } from './support/certificates.js';
import { isReady, startService } from './support/service.js';
import { targets } from './support/target.js';

const cluster = '0e000000-0000-4000-8000-000000000031';
const labels = { cluster, job: 'node-exporter', instance: '10.1.0.1:9100' };
const all = [
  series('node_uname_info', { ...labels, nodename: 'a' }, constant(1)),
  series('node_memory_MemTotal_bytes', labels, constant(16 * 2 ** 30)),
  series('node_memory_MemAvailable_bytes', labels, constant(4 * 2 ** 30)),
];
const end = Math.floor(Date.now() / 1000) - 30;

/** Files of the authority of the store, and of another one. */
let files: { right: string; wrong: string };
let directory: string;
let certificates: Certificates;
let stores: Stack[];

async function startStore(tls: Certificates): Promise<Stack> {
  const sampled = { series: all, start: end - 3600, end, interval: 30 };
  return startStack({
    prometheus: {
      version: '3',
      tls,
      prepare: async ({ dataDirectory, promtool }) => {
        await loadSeries({ ...sampled, dataDirectory, promtool });
      },
    },
  });
}
const urlOf = (store: Stack | undefined) => store?.prometheus?.url ?? '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'authorities-'));
  certificates = await makeCertificates();
  files = { right: join(directory, 'right.pem'), wrong: join(directory, 'wrong.pem') };
  await writeFile(files.right, certificates.ca);
  await writeFile(files.wrong, (await makeCertificates()).ca);
  stores = [await startStore(certificates)];
}, 180_000);

afterAll(async () => {
  for (const store of stores) await store.stop();
  await rm(directory, { recursive: true });
});

describe('a store with a certificate of an authority of its own', () => {
  it('is asked by bud-metrics, which trusts that authority alone', async () => {
    const url = urlOf(stores[0]);
    expect(url).toMatch(/^https:/);
    await using service = await startMetricsService({
      prometheus: url,
      now: end,
      environment: { PROMETHEUS_CA_FILE: files.right },
    });
    const { nodes } = await service.metrics(cluster, 'metric_type=memory&time_range=10min');
    expect(nodes['10.1.0.1:9100']?.memory).toMatchObject({ usage_percent: 75, average: 75 });
  });

  it.each([
    ['another authority', () => ({ PROMETHEUS_CA_FILE: files.wrong })],
    ['no authority', () => ({})],
  ])('says what to do where bud-metrics is told of %s', async (_what, environment) => {
    await using service = await startMetricsService({
      prometheus: urlOf(stores[0]),
      now: end,
      environment: environment(),
    });
    const { status, body } = await service.get(`/clusters/${cluster}/metrics`);
    expect({ status, type: body.type }).toEqual({ status: 503, type: 'ServiceUnavailableError' });
    expect(body.message).toContain('certificate that cannot be trusted');
    expect(body.message).toContain('PROMETHEUS_CA_FILE');
    const health = await service.get('/health/stack');
    expect(JSON.stringify(health.body)).toContain('PROMETHEUS_CA_FILE');
  });

  it('says so where the certificate is for another address', async () => {
    const elsewhere = await makeCertificates({ name: '10.9.9.9' });
    stores.push(await startStore(elsewhere));
    const ca = join(directory, 'elsewhere.pem');
    await writeFile(ca, elsewhere.ca);
    await using service = await startMetricsService({
      prometheus: urlOf(stores[1]),
      now: end,
      environment: { PROMETHEUS_CA_FILE: ca },
    });
    const { status, body } = await service.get(`/clusters/${cluster}/metrics`);
    expect(status).toBe(503);
    expect(body.message).toContain('for another name than the one that is asked');
  });
});

describe.each(targets(process.env))('its data source in $name', ({ open }) => {
  it.each([
    ['reaches it by that authority', () => files.right, 'healthy'],
    ['does not by another one, and health says what to do', () => files.wrong, 'degraded'],
  ])('%s', async (_what, file, expected) => {
    await using target = await open();
    const uid = `bud-test-${randomUUID().slice(0, 8)}`;
    const base = `${target.scheme}://${target.url}/api`;
    const headers = { authorization: target.authorization, 'content-type': 'application/json' };
    await using service = await startService({
      target,
      state: createMemoryState({ clock: { now: () => Date.now() } }),
      folder: uid,
      environment: {
        GRAFANA_DATASOURCE_UID: uid,
        GRAFANA_DATASOURCE_URL: urlOf(stores[0]),
        PROMETHEUS_CA_FILE: file(),
      },
    });
    try {
      await service.deliver('created', { clusterId: cluster, name: 'tls' });
      await service.until(cluster, isReady);
      const query = { refId: 'A', expr: `count(node_uname_info{cluster="${cluster}"})` };
      const response = await fetch(`${base}/ds/query`, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          from: 'now-1h',
          to: 'now',
          queries: [{ ...query, instant: true, datasource: { uid, type: 'prometheus' } }],
        }),
      });
      expect(response.ok).toBe(expected === 'healthy');
      const health = (await (await fetch(`${service.url}/health/stack`)).json()) as {
        data: { datasource: { status: string; details: { warning?: string } } };
      };
      expect(health.data.datasource.status).toBe(expected);
      expect(health.data.datasource.details.warning ?? 'PROMETHEUS_CA_FILE').toContain(
        'PROMETHEUS_CA_FILE',
      );
      await fetch(`${service.url}/clusters/${cluster}/grafana-dashboard`, { method: 'DELETE' });
    } finally {
      await fetch(`${base}/datasources/uid/${uid}`, { method: 'DELETE', headers });
    }
  });
});
