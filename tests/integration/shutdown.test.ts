import { expect, it } from '@jest/globals';
import { startStack } from '@bud-monitoring/stack';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventApp } from '../support/event-app.js';

it('loses none of 200 events when daprd is told to stop under load', async () => {
  const app = createEventApp(() => sleep(300, 'SUCCESS' as const));
  await using stack = await startStack({
    apps: [
      {
        appId: 'bud-dashboard',
        start: async ({ port }) => {
          await app.listen(port);
          return app;
        },
      },
    ],
  });
  const { sidecar } = stack.app('bud-dashboard');
  const clusters = Array.from({ length: 200 }, (_, index) => `c${index}`);
  const published = await Promise.all(
    clusters.map((cluster_id) =>
      fetch(`${sidecar.url}/v1.0/publish/pubsub/cluster-created`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'dapr-api-token': sidecar.apiToken },
        body: JSON.stringify({ cluster_id }),
      }),
    ),
  );
  expect(new Set(published.map(({ status }) => status))).toEqual(new Set([204]));

  await app.received('/events/cluster-created', 10);
  await sleep(200);
  await sidecar.stop('SIGTERM');
  expect(app.deliveries.length).toBeLessThan(200);
  await sidecar.start();

  expect(await app.clusters(clusters.length, 45_000)).toEqual(new Set(clusters));
}, 60_000);
