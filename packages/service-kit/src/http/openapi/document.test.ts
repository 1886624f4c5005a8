import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { clusterIdSchema, warningSchema } from '@bud-monitoring/contracts';
import { send, startApp } from '../../testing/app.js';
import { prometheusErrors } from '../errors/error-format.js';
import { defineRawRoute, defineRoute } from '../route.js';

const get = defineRoute({
  method: 'get',
  path: '/clusters/{cluster_id}/metrics',
  summary: 'Figures <of> a cluster',
  object: 'cluster.metrics',
  permission: 'cluster:view',
  query: z.object({
    time_range: z.enum(['10min', 'today']).default('today').meta({ description: 'How far back.' }),
    node: z.array(z.string()).optional(),
  }),
  statuses: [404, 502],
  data: z.object({ cluster_id: clusterIdSchema, warnings: z.array(warningSchema) }),
  handler: () => ({ data: { cluster_id: '', warnings: [] }, message: '' }),
});
const put = defineRoute({
  method: 'put',
  path: '/clusters/{cluster_id}/sharing',
  summary: 'Switch',
  object: 'cluster.sharing',
  permission: 'cluster:manage',
  body: z.strictObject({ enabled: z.boolean() }),
  statuses: [200, 202],
  data: z.null(),
  handler: () => ({ data: null, message: '' }),
});
const stream = defineRawRoute({
  method: 'get',
  path: '/clusters/{cluster_id}/stream',
  summary: 'Stream',
  permission: 'cluster:view',
  produces: 'text/event-stream',
  timeoutMs: null,
  handler: () => undefined,
});

interface Operation {
  responses: Record<string, unknown>;
  security?: unknown;
  operationId: string;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}

it('describes every route, its input, its answers and its errors', async () => {
  await using service = await startApp({ routes: [get, put, stream] });

  const reply = await send(service.url, '/openapi.json');

  expect(reply.status).toBe(200);
  const document = reply.json() as unknown as Document;
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'bud-test', version: '1.2.3' },
    servers: [{ url: '../../api' }, { url: '.' }],
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: { type: 'object', required: expect.arrayContaining(['request_id']) } },
    },
  });
  expect(Object.keys(document.paths)).toEqual([
    '/clusters/{cluster_id}/metrics',
    '/clusters/{cluster_id}/sharing',
    '/clusters/{cluster_id}/stream',
    '/health',
    '/ready',
    '/health/stack',
    '/metrics',
  ]);
  const operations = document.paths;
  const metrics = operations['/clusters/{cluster_id}/metrics']!['get']!;
  expect(metrics).toMatchObject({
    security: [{ bearer: ['cluster:view'] }],
    parameters: [
      { name: 'cluster_id', in: 'path', required: true, schema: { type: 'string' } },
      {
        name: 'time_range',
        in: 'query',
        description: 'How far back.',
        schema: { enum: ['10min', 'today'], default: 'today' },
      },
      { name: 'node', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
    ],
  });
  expect(metrics.responses).toMatchObject({
    200: {
      content: {
        'application/json': {
          schema: {
            properties: {
              object: { enum: ['cluster.metrics'] },
              message: { type: 'string' },
              data: { properties: { cluster_id: { type: 'string' } } },
            },
          },
        },
      },
    },
    404: {
      description: 'Not Found',
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    },
  });
  const statuses = (path: string, method: string) =>
    Object.keys(operations[path]![method]!.responses);
  expect(Object.keys(metrics.responses)).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '429',
    '500',
    '502',
    '503',
    '504',
  ]);
  expect(statuses('/clusters/{cluster_id}/sharing', 'put')).toEqual([
    '200',
    '202',
    '400',
    '401',
    '403',
    '413',
    '415',
    '429',
    '500',
    '502',
    '503',
    '504',
  ]);
  expect(statuses('/clusters/{cluster_id}/stream', 'get')).toEqual([
    '200',
    '400',
    '401',
    '403',
    '429',
    '500',
    '502',
    '503',
    '504',
  ]);
  expect(statuses('/health/stack', 'get')).toEqual(['200', '400', '500', '503', '504']);
  expect(operations['/health']!['get']).toMatchObject({ security: [], servers: [{ url: '.' }] });
  const ids = Object.values(operations).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(ids.slice(0, 3)).toEqual([
    'getClustersMetrics',
    'putClustersSharing',
    'getClustersStream',
  ]);
});

it('does not claim the envelope where errors have another form', async () => {
  await using service = await startApp({
    routes: [get],
    errorFormats: [prometheusErrors('/clusters/{cluster_id}/metrics')],
  });

  const { text } = await send(service.url, '/openapi.json');

  const metrics = (JSON.parse(text) as { paths: Record<string, unknown> }).paths[get.path];
  expect(JSON.stringify(metrics)).not.toContain('schemas/Error');
});

it('shows the same to people, with a viewer that loads nothing from elsewhere', async () => {
  await using service = await startApp({ routes: [get, put, stream] });

  const { status, headers, text } = await send(service.url, '/docs');

  expect(status).toBe(200);
  expect(headers['content-type']).toContain('text/html');
  expect(headers['content-security-policy']).toContain("default-src 'none';script-src 'self'");
  expect(headers['content-security-policy']).not.toMatch(
    /http|\*|unsafe-eval|script-src[^;]*unsafe/,
  );
  expect(text).not.toMatch(/https?:|<script>|\son\w+=/);
  const loaded = [...text.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, path]) => path ?? '');
  expect(loaded).toHaveLength(5);
  for (const path of loaded) {
    const file = await send(service.url, `/${path}`);
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.headers['x-content-type-options']).toBe('nosniff');
  }
});

it('names the right server first, what a body must be, and what the headers say', async () => {
  await using service = await startApp({ routes: [get, put] });
  const document = (await send(service.url, '/openapi.json')).json() as unknown as {
    servers: { url: string }[];
    paths: Record<string, Record<string, { servers?: { url: string }[]; requestBody?: object }>>;
  };
  // As the gateway serves it, below any prefix, and each of the routes beside it.
  const at = 'https://bud.example/monitoring/api/metrics/openapi.json';
  expect(new URL(document.servers[0]!.url, at).pathname).toBe('/monitoring/api');
  const health = document.paths['/health/stack']!['get']!.servers![0]!.url;
  expect(new URL(`${health}/health/stack`, at).pathname).toBe(
    '/monitoring/api/metrics/health/stack',
  );
  expect(document.paths['/clusters/{cluster_id}/sharing']!['put']!.requestBody).toMatchObject({
    required: true,
  });
  expect(document.paths['/clusters/{cluster_id}/metrics']!['get']).toMatchObject({
    responses: {
      200: { headers: { 'X-Request-Id': { description: expect.any(String) } } },
      503: { headers: { 'Retry-After': { description: 'Seconds to wait' } } },
    },
  });
});
