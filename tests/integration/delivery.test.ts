import { describe, expect, it } from '@jest/globals';
import { startStack, type Sidecar, type Stack } from '@bud-monitoring/stack';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterOf, createEventApp, type Delivery, type EventApp } from '../support/event-app.js';

const CREATED = '/events/cluster-created';
const DEAD_LETTER = '/events/dead-letter';

/** The product's own resources, with a small app in the place of bud-dashboard. */
async function startWith(app: EventApp): Promise<Stack> {
  return startStack({
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
}

async function publish(
  sidecar: Sidecar,
  topic: string,
  body: string,
  { contentType = 'application/json', query = '' } = {},
): Promise<void> {
  const response = await fetch(`${sidecar.url}/v1.0/publish/pubsub/${topic}${query}`, {
    method: 'POST',
    headers: { 'content-type': contentType, 'dapr-api-token': sidecar.apiToken },
    body,
  });
  if (response.status !== 204) throw new Error(`publish: ${await response.text()}`);
}

describe('an event on real Redis and daprd', () => {
  it.each([
    ['answers RETRY', 'RETRY' as const],
    ['fails with 500', 500],
  ])('comes again to a handler that %s three times', async (_, refusal) => {
    const app = createEventApp(() => (app.deliveries.length <= 3 ? refusal : 'SUCCESS'));
    await using stack = await startWith(app);
    await publish(stack.app('bud-dashboard').sidecar, 'cluster-created', '{"cluster_id":"c1"}');

    const deliveries = await app.received(CREATED, 4, 20_000);

    expect(deliveries.map(clusterOf)).toEqual(['c1', 'c1', 'c1', 'c1']);
    expect(new Set(deliveries.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
  });

  it('reaches the dead letter when it is dropped, and is delivered with the token of the app', async () => {
    const app = createEventApp(({ path }) => (path === CREATED ? 'DROP' : 'SUCCESS'));
    await using stack = await startWith(app);
    const { sidecar } = stack.app('bud-dashboard');
    await publish(sidecar, 'cluster-created', '{"cluster_id":"bad"}');

    const [dead] = await app.received(DEAD_LETTER, 1);

    expect(dead?.headers['dapr-api-token']).toBe(sidecar.appToken);
    expect(dead?.headers).not.toHaveProperty('dapr-caller-app-id');
    const { data_base64: wrapped = '' } = dead?.body as { data_base64?: string };
    const event = JSON.parse(Buffer.from(wrapped, 'base64').toString()) as Delivery['body'];
    expect(event).toMatchObject({ topic: 'cluster-created', data: { cluster_id: 'bad' } });
  });

  it('reaches the dead letter when it is not even JSON', async () => {
    const app = createEventApp();
    await using stack = await startWith(app);
    await publish(stack.app('bud-dashboard').sidecar, 'cluster-created', 'not json at all', {
      contentType: 'text/plain',
      query: '?metadata.rawPayload=true',
    });

    const [dead] = await app.received(DEAD_LETTER, 1);

    const { data_base64: wrapped = '' } = dead?.body as { data_base64?: string };
    expect(Buffer.from(wrapped, 'base64').toString()).toContain('not json at all');
    expect(app.deliveries.filter(({ path }) => path === CREATED)).toEqual([]);
  });

  it('waits for an app that is away longer than any of its retries', async () => {
    const app = createEventApp();
    await using stack = await startWith(app);
    const { port, sidecar } = stack.app('bud-dashboard');
    const clusters = Array.from({ length: 20 }, (_, index) => `c${index}`);
    await app.close();
    for (const id of clusters) {
      await publish(sidecar, 'cluster-created', JSON.stringify({ cluster_id: id }));
    }
    await sleep(23_000); // longer than processingTimeout, after which the first delivery is given up
    await app.listen(port);

    // Some come twice; the one given up comes last, when daprd takes it up again.
    expect(await app.clusters(clusters.length, 60_000)).toEqual(new Set(clusters));
    expect(app.deliveries.filter(({ path }) => path === DEAD_LETTER)).toEqual([]);
  }, 120_000);
});

describe('what the sidecars are given', () => {
  it('is understood by daprd, to the last file', async () => {
    await using stack = await startWith(createEventApp());
    const logs = stack.app('bud-dashboard').sidecar.logs();

    // A resiliency file that does not parse is only logged, and every retry is gone.
    expect(logs).toContain('Loading Resiliency configuration: resiliency');
    expect(logs.split('\n').filter((line) => line.includes('level=error'))).toEqual([]);
  });

  it('does not give its secrets away through the API', async () => {
    await using stack = await startWith(createEventApp());
    const { url, apiToken } = stack.app('bud-dashboard').sidecar;

    const response = await fetch(`${url}/v1.0/secrets/secretstore/REDIS_PASSWORD`, {
      headers: { 'dapr-api-token': apiToken },
    });

    expect(response.status).toBe(403);
  });
});
