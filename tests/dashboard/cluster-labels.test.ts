import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clusterIdSchema } from '@bud-monitoring/contracts';
import { expect, it } from '@jest/globals';
import { expectExactly } from './support/expect-exact.js';
import { smallTemplates } from './support/small-templates.js';
import { startTestEnv } from './support/test-env.js';

const id = clusterIdSchema.parse('3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c');
const capitals = id.toUpperCase();
const minute = 60_000;

/** A store that has `up` of a cluster under some labels, and nothing else. */
async function startStore() {
  const store = { labels: [] as string[] };
  const server = createServer((request, response) => {
    let form = '';
    request.on('data', (chunk: Buffer) => (form += chunk.toString()));
    request.on('end', () => {
      const query = new URLSearchParams(form).get('query') ?? '';
      const isAsked = query.startsWith('group by (cluster)') && query.includes(capitals);
      const result = (isAsked ? store.labels : []).map((cluster) => ({
        metric: { cluster },
        value: [0, '1'],
      }));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(store, { url, [Symbol.asyncDispose]: close });
}

it('shows all that agents send of a cluster, whatever they call it, and follows them', async () => {
  await using store = await startStore();
  await using env = await startTestEnv({ templates: smallTemplates() });
  const service = env.instance({ datasourceUrl: store.url });
  service.resyncLoop.start();
  const matchers = () => {
    const text = JSON.stringify(env.grafana.dashboards().map(({ data }) => data['panels']));
    return new Set([...text.matchAll(/cluster=[^,}]+/g)].map(([found]) => found));
  };
  const quoted = (text: string) => JSON.stringify(text).replaceAll('"', '\\"');

  store.labels = [capitals];
  await service.deliver('created', { id, name: 'east' });
  await env.advance(1_000);
  expect(matchers()).toEqual(new Set([`cluster=${quoted(capitals)}`]));

  store.labels = [capitals, id];
  await env.advance(15 * minute);
  expect(matchers()).toEqual(new Set([`cluster=~${quoted(`${id}|${capitals}`)}`]));

  // A store that says nothing changes nothing.
  store.labels = [];
  await env.advance(15 * minute);
  expect(matchers()).toEqual(new Set([`cluster=~${quoted(`${id}|${capitals}`)}`]));

  store.labels = [id];
  await env.advance(15 * minute);
  expect(matchers()).toEqual(new Set([`cluster=${quoted(id)}`]));
  expectExactly(env, [{ id, name: 'east' }]);
});
