import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as frontDoor from './index.js';
import { createBrowserClient, createHealth, createStreams, pages } from './index.js';
import { readEvents } from './server-sent-events.js';

const id = '6f1c7e5e-0000-4000-8000-000000000001';

let server: Server;
let baseUrl: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const seen: IncomingMessage[] = [];
beforeEach(async () => {
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
const refusal = (code: number, type: string) => ({
  ...{ object: 'error', code, type, message: 'no', request_id: 'r' },
});

it('offers these names and no others', () => {
  expect(Object.keys(frontDoor).sort()).toEqual([
    'ApiError',
    'createBrowserClient',
    'createHealth',
    'createStreams',
    'pages',
  ]);
});

describe('the client of a page', () => {
  it('asks with method, path, query, body and token', async () => {
    answer = (_request, response) => json(response, 200, { object: 'x', data: { is: 'data' } });
    const client = createBrowserClient({ baseUrl, token: () => 't' });
    const got = await client.getClusterMetrics(id, { metric_type: 'cpu', node: ['a b', 'c'] });
    expect(got).toEqual({ is: 'data' });
    await client.putAlertThresholds(id, { cpu_usage: { warning: 1, critical: 2 } });
    await client.getDeadLetter('a/b');
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET /api/clusters/${id}/metrics?metric_type=cpu&node=a+b&node=c`,
      `PUT /api/clusters/${id}/alert-thresholds`,
      'GET /api/dead-letters/a%2Fb',
    ]);
    expect(seen[0]!.headers.authorization).toBe('Bearer t');
    expect(seen[1]!.headers['content-type']).toBe('application/json');
  });

  it('has a text where the answer is one', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/yaml' }).end('groups: []\n');
    expect(await createBrowserClient({ baseUrl }).getAlertRules(id)).toBe('groups: []\n');
    expect(seen[0]!.headers).not.toHaveProperty('authorization');
  });

  it.each([
    [
      (response: ServerResponse) =>
        json(response, 503, refusal(503, 'ServiceUnavailableError'), { 'retry-after': '7' }),
      { code: 503, type: 'ServiceUnavailableError', requestId: 'r', retryAfterSeconds: 7 },
    ],
    [
      (response: ServerResponse) => response.writeHead(502).end('<html>'),
      { code: 502, type: 'InvalidAnswerError', requestId: null },
    ],
    [
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
      { code: 200, type: 'InvalidAnswerError' },
    ],
    [(response: ServerResponse) => response.destroy(), { code: 0, type: 'NetworkError' }],
  ])('%#: says what went wrong', async (reply, expected) => {
    answer = (_request, response) => void reply(response);
    const error: unknown = await createBrowserClient({ baseUrl })
      .whoAmI()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ApiError', ...expected });
  });

  it('asks once more with a new token when one is refused', async () => {
    answer = ({ headers }, response) =>
      headers.authorization === 'Bearer new'
        ? json(response, 200, { data: 1 })
        : json(response, 401, refusal(401, 'UnauthorizedError'));
    const refused: (string | undefined)[] = [];
    const token = (old?: string) => {
      refused.push(old);
      return old === undefined ? 'old' : 'new';
    };
    expect(await createBrowserClient({ baseUrl, token }).whoAmI()).toBe(1);
    expect(refused).toEqual([undefined, 'old']);
    const same = createBrowserClient({ baseUrl, token: () => 'old' });
    await expect(same.whoAmI()).rejects.toMatchObject({ type: 'UnauthorizedError' });
    expect(seen).toHaveLength(3);
  });

  it('tells how the parts are, also of a stack that is not well', async () => {
    const data = { prometheus: { status: 'unhealthy', details: {} } };
    answer = (_request, response) => json(response, 503, { object: 'service.stack-health', data });
    const health = createHealth({ baseUrl });
    expect(await health('metrics')).toEqual(data);
    expect(seen[0]!.url).toBe('/api/metrics/health/stack');
    answer = (_request, response) => json(response, 503, refusal(503, 'ServiceUnavailableError'));
    await expect(health('dashboards')).rejects.toMatchObject({ type: 'ServiceUnavailableError' });
    answer = (_request, response) => response.writeHead(503).end('<html>');
    await expect(health('dashboards')).rejects.toMatchObject({ type: 'InvalidAnswerError' });
  });

  it('gives up with its signal', async () => {
    const controller = new AbortController();
    answer = () => controller.abort(new Error('left'));
    const asked = createBrowserClient({ baseUrl }).whoAmI({ signal: controller.signal });
    await expect(asked).rejects.toThrow('left');
  });

  it('goes from page to page, and no further than it is asked', async () => {
    answer = ({ url }, response) => {
      const cursor = new URL(url!, baseUrl).searchParams.get('cursor');
      const next = { '': 'a', a: 'b', b: null }[cursor ?? ''];
      json(response, 200, { data: { clusters: [cursor], next } });
    };
    const client = createBrowserClient({ baseUrl });
    const found: unknown[] = [];
    for await (const { clusters } of pages(client.listClusters, { limit: 1 }))
      found.push(...clusters);
    expect(found).toEqual([null, 'a', 'b']);
    for await (const page of pages(client.listClusters)) if (page.next === 'a') break;
    expect(seen).toHaveLength(4);
  });
});

describe('a stream of a page', () => {
  const event = (name: string, eventId: string, body: unknown) =>
    `event: ${name}\nretry: 5\nid: ${eventId}\ndata: ${JSON.stringify(body)}\n\n`;
  const begin = (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' });

  it('goes on with a new token from where it stood, over ends and failures', async () => {
    answer = (_request, response) => {
      const step = seen.length;
      if (step === 1) {
        const text = `: hello\n\n${event('metrics', 'one', { data: { n: 1 } })}`;
        begin(response).write(text.slice(0, 20));
        setTimeout(() => response.end(text.slice(20)), 20); // in the middle of a line
      } else if (step === 2) json(response, 503, refusal(503, 'ServiceUnavailableError'));
      else if (step === 3) {
        const failure = `event: failure\ndata: ${JSON.stringify(refusal(502, 'PrometheusQueryError'))}\n\n`;
        begin(response).write(`${failure}${event('metrics', 'two', { data: { n: 2 } })}`);
      }
    };
    let token = 0;
    const streams = createStreams({ baseUrl, token: () => `t${(token += 1)}` });
    const controller = new AbortController();
    const { signal } = controller;
    const heard: unknown[] = [];
    for await (const { data, error } of streams.streamClusterMetrics(id, {}, { signal })) {
      heard.push(data ?? error.type);
      if (heard.length === 4) controller.abort();
    }
    expect(heard).toEqual([{ n: 1 }, 'ServiceUnavailableError', 'PrometheusQueryError', { n: 2 }]);
    expect(seen.map(({ headers }) => [headers.authorization, headers['last-event-id']])).toEqual([
      ['Bearer t1', undefined],
      ['Bearer t2', 'one'],
      ['Bearer t3', 'one'],
    ]);
    expect(seen[0]!.headers.accept).toBe('text/event-stream');
  });

  it('ends with what no waiting mends', async () => {
    answer = (_request, response) => json(response, 404, refusal(404, 'NotFoundError'));
    const stream = createStreams({ baseUrl }).streamMetrics({ cluster_id: [id] });
    await expect(stream.next()).rejects.toMatchObject({ code: 404 });
    expect(seen[0]!.url).toBe(`/api/streams/metrics?cluster_id=${id}`);
  });

  it('ends when nothing came for too long, heartbeats included', async () => {
    let left = false;
    const text = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(text.encode('data: 1\n\n'));
        setTimeout(() => controller.enqueue(text.encode(': heartbeat\n\n')), 60);
      },
      cancel: () => void (left = true),
    });
    const began = performance.now();
    const heard: string[] = [];
    for await (const { data } of readEvents(body, { lastId: undefined, retryMs: 0 }, 100))
      heard.push(data);
    expect(heard).toEqual(['1']);
    expect(left).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(150);
  });

  it('hangs up when its loop is left', async () => {
    const gone = new Promise<void>((resolve) => {
      answer = (request, response) => {
        request.once('close', resolve);
        begin(response).write(event('alerts', 'a', { data: { alerts: [] } }));
      };
    });
    for await (const { data } of createStreams({ baseUrl }).streamAlerts())
      if (data !== undefined) break;
    await gone;
    expect(seen).toHaveLength(1);
  });
});
