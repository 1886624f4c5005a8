import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { createHttpClient, useTracer } from '@bud-monitoring/client';
import { defineRoute } from '../http/route.js';
import { send, startApp } from '../testing/app.js';
import { startTracing } from './start-tracing.js';
import { z } from 'zod';

interface SpanJson {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number };
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  useTracer(undefined);
  for (const stop of stops.splice(0)) await stop();
});

/** A server that notes what it is sent and answers with a status. */
async function startServer(status = 200) {
  const seen: { url: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push({ url: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function serve(upstreamUrl: string) {
  const http = createHttpClient({ upstream: 'prometheus', baseUrl: upstreamUrl });
  const service = await startApp({
    routes: [
      defineRoute({
        method: 'get',
        path: '/ask/{what}',
        summary: 'Asks',
        object: 'asked',
        permission: 'public',
        data: z.null(),
        async handler() {
          await http.request({ method: 'GET', path: '/api/v1/query' });
          return { data: null, message: '' };
        },
      }),
    ],
  });
  stops.push(async () => {
    http.close();
    await service[Symbol.asyncDispose]();
  });
  return service;
}

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

it('puts the request and what it asks of others into the trace of the caller', async () => {
  const collector = await startServer();
  const upstream = await startServer(500);
  const stop = await startTracing({
    ...{ service: 'bud-test', version: '1', traces: { endpoint: collector.url } },
  });
  const service = await serve(upstream.url);

  await send(service.url, '/ask/secret-name', { headers: { traceparent, 'x-request-id': 'r-1' } });
  await new Promise((resolve) => setImmediate(resolve));
  await stop();

  expect(collector.seen.map(({ url }) => url)).toEqual(['/v1/traces']);
  const { resourceSpans } = JSON.parse(collector.seen[0]!.body) as {
    resourceSpans: { resource: unknown; scopeSpans: { spans: SpanJson[] }[] }[];
  };
  expect(JSON.stringify(resourceSpans[0]!.resource)).toContain('"bud-test"');
  const spans = resourceSpans[0]!.scopeSpans.flatMap((scope) => scope.spans);
  const [client, server] = [3, 2].map((kind) => spans.find((span) => span.kind === kind)!);
  expect(spans).toHaveLength(2);
  expect(server).toMatchObject({
    ...{ name: 'GET /ask/{what}', traceId, parentSpanId: '00f067aa0ba902b7' },
    attributes: expect.arrayContaining([
      { key: 'bud.request_id', value: { stringValue: 'r-1' } },
      { key: 'http.response.status_code', value: { intValue: 200 } },
    ]),
  });
  expect(client).toMatchObject({
    ...{ name: 'GET prometheus', traceId, parentSpanId: server!.spanId, status: { code: 2 } },
  });
  expect(upstream.seen[0]!.headers['traceparent']).toBe(`00-${traceId}-${client!.spanId}-01`);
});

it('makes none where nobody takes them, and passes the trace on all the same', async () => {
  const upstream = await startServer();
  const stop = await startTracing({ service: 'bud-test', version: '1', traces: null });
  const service = await serve(upstream.url);
  await send(service.url, '/ask/it', { headers: { traceparent } });
  await stop();
  expect(upstream.seen[0]!.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-`));
});

it('serves although nobody listens where spans go', async () => {
  const upstream = await startServer();
  const stop = await startTracing({
    ...{ service: 'bud-test', version: '1', traces: { endpoint: 'http://127.0.0.1:9' } },
  });
  const service = await serve(upstream.url);
  expect((await send(service.url, '/ask/it', {})).status).toBe(200);
  await stop();
});
