import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { createLogger } from '@bud-monitoring/service-kit';
import { expect, it } from '@jest/globals';
import { compose } from '../../services/dashboard/src/compose.js';
import { readDashboardConfig } from '../../services/dashboard/src/config.js';
import { startTestEnv } from '../dashboard/support/test-env.js';
import { createTestSidecar } from '../metrics/support/sidecar.js';
import { expectRecorded, familiesOf } from './recording.js';

const east = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const west = clusterIdSchema.parse('8a1c0d5f-1e2d-4c3b-8a79-6b5c4d3e2f10');

it('describes itself and its metrics as before', async () => {
  const { app, stop } = await compose({
    config: readDashboardConfig({
      ...{ AUTH_MODE: 'off', GRAFANA_URL: '127.0.0.1:9', GRAFANA_TOKEN: 'token' },
      ...{ APP_API_TOKEN: 'delivery', DISCOVER_CLUSTERS: 'false' },
    }),
    ...{ version: '0', dapr: createTestSidecar().dapr },
    logger: createLogger({ service: 'test', level: 'error', write: () => undefined }),
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  app.lifecycle.markRunning();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const document: unknown = await (await fetch(`${url}/openapi.json`)).json();
    await expectRecorded('bud-dashboard/openapi.json', document);
    const exposition = await (await fetch(`${url}/metrics`)).text();
    await expectRecorded('bud-dashboard/metric-families.json', familiesOf(exposition));
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await stop();
  }
});

it('stores and publishes what it stored and published before', async () => {
  await using env = await startTestEnv();
  const service = env.instance();
  await service.deliver('created', { id: east, name: 'east' });
  await service.deliver('created', { id: west, name: 'west "quoted" $cluster' });
  await env.advance(1_000);
  await service.deliver('updated', { id: east, name: 'east renamed' });
  await env.advance(1_000);
  await service.deliver('deleted', { id: west });
  await env.advance(1_000);

  const unstable = (text: string) =>
    text
      .replaceAll(/"holder":"[^"]+"/g, '"holder":"replica"')
      .replaceAll(/("share":\{"uid":)"[^"]+",("accessToken":)"[^"]+"/g, '$1"uid",$2"token"')
      .replaceAll(/"announcedLink":\{"uid":"[^"]+"/g, '"announcedLink":{"uid":"uid"');
  const stored = [...env.state.all()].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(stored.length).toBeGreaterThan(2);
  await expectRecorded('bud-dashboard/state.json', JSON.parse(unstable(JSON.stringify(stored))));
  await expectRecorded('bud-dashboard/published.json', env.published);
});
