import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { errorSchema, errorStatus } from '@bud-monitoring/contracts';
import { startStack, type Stack } from '@bud-monitoring/stack';
import fc from 'fast-check';
import { createEchoApp } from '../support/echo-app.js';
import { rawBytes, rawRequest, type RawAnswer } from '../support/raw-request.js';

const ID = '7f3c0a51-4d0c-4f11-9a53-0a1b2c3d4e5f';
const apps = ['bud-metrics', 'bud-dashboard', 'bud-cluster'].map(createEchoApp);
const [metrics, dashboard] = apps as [(typeof apps)[0], (typeof apps)[0]];
let stack: Stack;
let origin: string;

beforeAll(async () => {
  stack = await startStack({
    apps,
    gateway: {
      readTimeoutSeconds: 3,
      corsOrigins: ['https://a.example', 'https://b.example:8443'],
    },
  });
  origin = stack.gateway!.url;
}, 60_000);
afterAll(() => stack.stop());
afterEach(() => {
  for (const app of apps) {
    app.seen.length = 0;
    app.answer = undefined;
  }
});

const seen = () => apps.flatMap((app) => app.seen.map(({ app, url }) => `${app} ${url}`));

function expectEnvelope(answer: RawAnswer, status: number): void {
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  const body = errorSchema.parse(JSON.parse(answer.body));
  expect(body).toMatchObject({ code: status, request_id: answer.headers['x-request-id'] });
  expect(errorStatus[body.type]).toBe(status);
  expect(answer.status).toBe(status);
}

describe('the URL space of the gateway', () => {
  it.each([
    [`/api/clusters`, `bud-metrics /clusters`],
    [`/api/clusters?limit=5&next=a%2Fb%26c`, `bud-metrics /clusters?limit=5&next=a%2Fb%26c`],
    [
      `/api/clusters/${ID}/metrics?time_range=today`,
      `bud-metrics /clusters/${ID}/metrics?time_range=today`,
    ],
    [`/api/clusters/${ID}/node-events/fd00::1`, `bud-metrics /clusters/${ID}/node-events/fd00::1`],
    [
      `/api/clusters/${ID}/node-events/10.0.0.1%3A9100`,
      `bud-metrics /clusters/${ID}/node-events/10.0.0.1:9100`,
    ],
    [`/api/clusters/${ID}/node-events/a%20b`, `bud-metrics /clusters/${ID}/node-events/a%20b`],
    [`/api/clusters/${ID}/grafana-dashboard`, `bud-dashboard /clusters/${ID}/grafana-dashboard`],
    [
      `/api/clusters/${ID}/grafana-dashboard/sharing`,
      `bud-dashboard /clusters/${ID}/grafana-dashboard/sharing`,
    ],
    [`/api/clusters/${ID}/grafana-dashboards`, `bud-metrics /clusters/${ID}/grafana-dashboards`],
    ['/api/prometheus/api/v1/query?query=up', 'bud-metrics /prometheus/api/v1/query?query=up'],
    ['/api/prometheus/-/healthy', 'bud-metrics /prometheus/-/healthy'],
    ['/api/alerts?state=firing', 'bud-metrics /alerts?state=firing'],
    ['/api/me', 'bud-metrics /me'],
    ['/api/streams/alerts', 'bud-metrics /streams/alerts'],
    ['/api/streams/metrics?cluster_id=x', 'bud-metrics /streams/metrics?cluster_id=x'],
    ['/api/queries/explain?query=up', 'bud-metrics /queries/explain?query=up'],
    ['/api/dashboards', 'bud-dashboard /dashboards'],
    ['/api/templates/validate', 'bud-dashboard /templates/validate'],
    ['/api/dead-letters/1/replay', 'bud-dashboard /dead-letters/1/replay'],
    ['/api/metrics/openapi.json', 'bud-metrics /openapi.json'],
    ['/api/metrics/docs', 'bud-metrics /docs'],
    ['/api/metrics/health/stack', 'bud-metrics /health/stack'],
    ['/api/dashboards/openapi.json', 'bud-dashboard /openapi.json'],
    ['/api/dashboards/docs/style.css', 'bud-dashboard /docs/style.css'],
    ['/api/dashboards/health/stack', 'bud-dashboard /health/stack'],
  ])('%s leads to %s', async (path, expected) => {
    const answer = await rawRequest(origin, path);
    // A colon in a path means the same encoded or not: daprd 1.18 decodes it, 1.16 does not.
    expect(seen().map((url) => url.replaceAll('%3A', ':'))).toEqual([expected]);
    expect(answer.status).toBe(200);
  });

  it.each([
    '/',
    '/api',
    '/api/',
    '/api/metrics',
    '/api/metrics/metrics',
    '/api/metrics/health',
    '/api/metrics/ready',
    '/api/dashboard',
    '/api/clustersx',
    '/api/prometheusx',
    '/api/queries',
    '/api/templatesx/validate',
    '/api/alertsx',
    '/api/me/x',
    '/api/streams',
    '/api/streams/other',
    '/dapr/config',
    '/dapr/subscribe',
    '/events/cluster-created',
    '/api/events/cluster-created',
    '/api/dapr/config',
    '/v1.0/invoke/bud-metrics/method/health',
    '/v1.0/publish/pubsub/cluster-created',
    '/v1.0/state/statestore/x',
    '/v1.0/secrets/secretstore/bulk',
    '/clusters',
    '/metrics',
    '/API/clusters',
  ])('%s leads nowhere', async (path) => {
    const answer = await rawRequest(origin, path);
    expectEnvelope(answer, 404);
    expect(seen()).toEqual([]);
  });
});

describe('a hostile path', () => {
  it.each([
    '/api/clusters/../events/cluster-created',
    '/api/clusters/../../events/cluster-created',
    '/api/clusters/..%2fevents/cluster-created',
    '/api/clusters/..%2Fevents%2Fcluster-created',
    '/api/clusters/%2e%2e/events/cluster-created',
    '/api/clusters/%2E%2E%2Fdapr%2Fconfig',
    '/api/clusters/.%2e/dapr/config',
    '/api/clusters/%252e%252e/dapr/config',
    '/api/clusters/..;/dapr/config/../x',
    '/api/clusters/.',
    '/api/clusters/x/.',
    '/api/clusters//events',
    '/api//clusters',
    '//api/clusters',
    '/api/clusters/..\\events',
    '/api/clusters/%5c..%5cevents',
    '/api/clusters/x%3Fy=1',
    '/api/clusters/x%23y',
    '/api/clusters/x%00',
    '/api/clusters/x%0d%0aSet-Cookie:%20a=b',
    '/api/clusters/x%7f',
    '/api/clusters/x%',
    '/api/clusters/x%zz',
    '/api/dashboards/../../../bud-cluster/method/cluster/1/nodes',
    '/api/dashboards/%2e%2e/%2e%2e/%2e%2e/bud-cluster/method/x',
    '/api/clusters/x/metrics%2fstream',
    '/api/clusters/..%2f..%2fevents/metrics/stream',
    '/api/clusters/%2e%2e/metrics/stream',
  ])('%s reaches nobody', async (path) => {
    const answer = await rawRequest(origin, path);
    expectEnvelope(answer, 400);
    expect(seen()).toEqual([]);
  });

  it.each([
    ['an absolute URL', 'GET http://bud-cluster/v1.0/invoke/bud-cluster/method/x HTTP/1.1'],
    ['no leading slash', 'GET api/clusters HTTP/1.1'],
    ['an asterisk', 'OPTIONS * HTTP/1.1'],
    ['raw bytes', 'GET /api/clusters/\xff\xfe HTTP/1.1'],
    ['a fragment', 'GET /api#/../clusters HTTP/1.1'],
    ['another protocol', 'GET /events/x HTTP/9.9'],
    ['a tunnel', 'CONNECT bud-cluster:80 HTTP/1.1'],
  ])('in a request with %s reaches nobody', async (_, line) => {
    const answer = await rawBytes(origin, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (4|5)\d\d /);
    expect(answer).toContain('"object":"error"');
    expect(seen()).toEqual([]);
  });
});

describe('a long request', () => {
  const query = (length: number) => `/api/clusters/${ID}/metrics?x=${'x'.repeat(length)}`;

  it('passes with its URL of 16 kB and a token of 60 kB', async () => {
    const headers = { authorization: `Bearer ${'t'.repeat(60_000)}` };
    const answer = await rawRequest(origin, query(16_000), { headers });
    expect(answer.status).toBe(200);
    expect(seen()[0]).toHaveLength('bud-metrics '.length + query(16_000).length - '/api'.length);
  });

  it.each([16_500, 60_000, 90_000])(
    'is told to be a form with a URL of %i characters',
    async (length) => {
      const answer = await rawRequest(origin, query(length));
      expectEnvelope(answer, 400);
      expect(JSON.parse(answer.body)).toMatchObject({ message: expect.stringContaining('POST') });
      expect(seen()).toEqual([]);
    },
  );

  it('is refused in the envelope beyond what any buffer holds', async () => {
    const headers = { authorization: `Bearer ${'t'.repeat(200_000)}` };
    expectEnvelope(await rawRequest(origin, '/api/clusters', { headers }), 400);
    expectEnvelope(await rawRequest(origin, query(200_000)), 400);
  });
});

describe('an error below the Prometheus API', () => {
  const long = `query?query=${'x'.repeat(16_500)}`;
  it.each([
    ['a URL that is too long', () => `/api/prometheus/api/v1/${long}`],
    ['one of a cluster', () => `/api/clusters/${ID}/prometheus/api/v1/${long}`],
    ['an empty segment', () => `/api/clusters/${ID}/prometheus/api/v1//query`],
    ['an encoded slash', () => '/api/prometheus/api/v1/label/a%2Fb/values'],
  ])('has the form that its clients read: %s', async (_name, path) => {
    const answer = await rawRequest(origin, path());
    expect(answer.status).toBe(400);
    const body = JSON.parse(answer.body) as object;
    expect(body).toMatchObject({ status: 'error', errorType: 'bad_data' });
    expect(Object.keys(body)).toEqual(['status', 'errorType', 'error']);
  });
});

describe('any path at all', () => {
  const piece = fc.constantFrom(
    ...['api', 'clusters', 'dashboards', 'metrics', 'events', 'dapr', 'stream', 'docs', ID],
    ...[
      '.',
      '..',
      '%2e',
      '%252e',
      '/',
      '%2f',
      '%5C',
      '\\',
      '%3f',
      '?',
      '#',
      '%23',
      ';',
      '%',
      '%00',
      ':',
    ],
    'grafana-dashboard',
    '\u00e9',
  );
  const path = fc
    .array(piece, { maxLength: 10 })
    .map((pieces) => `/api/clusters${pieces.join('')}`);
  const own =
    /^\/(clusters|prometheus|queries|dashboards|templates|dead-letters|docs)(\/|$)|^\/(openapi\.json|health\/stack)$/;

  /** Also of bytes that are no UTF-8, and of a `%` that is only that. */
  const decodeBytes = (text: string) =>
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

  it('ends at a route of the API or nowhere, however often it is decoded', async () => {
    await fc.assert(
      fc.asyncProperty(path, async (raw) => {
        for (const app of apps) app.seen.length = 0;
        const line = `GET ${Buffer.from(raw).toString('latin1')} HTTP/1.1`;
        await rawBytes(origin, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
        for (const { url, app } of apps.flatMap(({ seen: requests }) => requests)) {
          const twice = decodeBytes(decodeBytes(url.split('?')[0]!));
          expect(new URL(twice, 'http://x').pathname).toMatch(own);
          expect(app).not.toBe('bud-cluster');
        }
      }),
      { numRuns: 400, examples: [['/api/clusters/%dashboards']] },
    );
  });
});

describe('the headers of a request', () => {
  it('cannot make anybody else of a caller', async () => {
    const forged = {
      'dapr-api-token': 'stolen',
      'dapr-app-id': 'bud-cluster',
      'dapr-caller-app-id': ['bud-cluster', 'bud-dashboard'],
      'Dapr-Caller-Namespace': 'system',
      'dapr-callee-app-id': 'bud-cluster',
      'dapr-anything-new': 'x',
      dapr_caller_app_id: 'bud-cluster',
    };
    await rawRequest(origin, '/api/clusters', { headers: forged });

    expect(seen()).toEqual(['bud-metrics /clusters']);
    const { headers } = metrics.seen[0]!;
    const { appToken } = stack.app('bud-metrics').sidecar;
    const dapr = Object.entries(headers).filter(([name]) => name.startsWith('dapr'));
    expect(Object.fromEntries(dapr)).toEqual({
      'dapr-api-token': appToken,
      'dapr-caller-app-id': 'bud-gateway',
      'dapr-caller-namespace': 'default',
      'dapr-callee-app-id': 'bud-metrics',
    });
  });

  it('cannot call another app by the credentials that daprd takes as an order to', async () => {
    const credentials = Buffer.from('dapr-app-id:bud-cluster').toString('base64');
    const headers = { authorization: `Basic ${credentials}` };
    await rawRequest(origin, '/api/clusters', { headers });

    expect(seen()).toEqual(['bud-metrics /clusters']);
    expect(metrics.seen[0]!.headers).not.toHaveProperty('authorization');
  });

  it('are handed on where they belong to the API', async () => {
    const headers = {
      authorization: 'Bearer abc.def.ghi',
      accept: 'application/json',
      'content-type': 'application/json',
      'if-none-match': '"1"',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-request-id': 'mine-1',
    };
    const body = '{"enabled":true}';
    const path = `/api/clusters/${ID}/grafana-dashboard/sharing`;
    const answer = await rawRequest(origin, path, { method: 'PUT', headers, body });

    const { traceparent, ...others } = headers;
    expect(dashboard.seen[0]).toMatchObject({ method: 'PUT', body, headers: others });
    expect(dashboard.seen[0]!.headers['traceparent']).toContain(traceparent.slice(0, 35));
    expect(answer.headers['x-request-id']).toBe('mine-1');
  });

  it.each(['a b', 'x'.repeat(200), '"quoted"'])(
    'get a new request id instead of %s',
    async (id) => {
      const answer = await rawRequest(origin, '/nowhere', { headers: { 'x-request-id': id } });
      expectEnvelope(answer, 404);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    },
  );
});

describe('an error', () => {
  it.each([400, 401, 404, 409, 422, 429, 502, 503, 504])(
    'of an app passes as it is: %d',
    async (status) => {
      const body = `{"object":"error","code":${status},"type":"GrafanaError","message":"its own"}`;
      metrics.answer = (_, response) =>
        response.writeHead(status, { 'retry-after': '7' }).end(body);
      const answer = await rawRequest(origin, '/api/clusters');
      expect(answer).toMatchObject({ status, body, headers: { 'retry-after': '7' } });
    },
  );

  it('inside an app stays one of the app, with the id of the request', async () => {
    metrics.answer = (_, response) => response.writeHead(500).end('{"object":"error"}');
    const answer = await rawRequest(origin, '/api/clusters', { headers: { 'x-request-id': 'r7' } });
    expectEnvelope(answer, 500);
    expect(answer.body).toContain('"r7"');
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      'nobody signed',
      (response) => {
        response.removeHeader('x-request-id');
        response.end('{}');
      },
    ],
    ['has no body', (response) => void response.end()],
    ['broke off before it began', (response) => void response.destroy()],
  ])('is made of a success that %s', async (_what, end) => {
    metrics.answer = (_, response) => end(response);
    for (const method of ['GET', 'POST']) {
      const answer = await rawRequest(origin, '/api/clusters', { method });
      expectEnvelope(answer, 502);
      expect(answer.headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
    }
    const query = await rawRequest(origin, '/api/prometheus/api/v1/query?query=up');
    expect(query.status).toBe(502);
    expect(JSON.parse(query.body)).toMatchObject({ status: 'error', errorType: 'internal' });
  });

  it('is not made of a success without a body where it has none', async () => {
    metrics.answer = (_, response) => void response.writeHead(204).end();
    expect((await rawRequest(origin, '/api/clusters')).status).toBe(204);
    metrics.answer = undefined;
    expect((await rawRequest(origin, '/api/clusters', { method: 'HEAD' })).status).toBe(200);
  });

  it('tells that a body is too large', async () => {
    const body = 'x'.repeat(3 * 1024 * 1024 + 1);
    const answer = await rawRequest(origin, '/api/templates/validate', { method: 'POST', body });
    expectEnvelope(answer, 413);
    expect(answer.body).toContain('larger than 3 MB');
    expect(seen()).toEqual([]);
  });

  it('does not meet a body that is just not too large', async () => {
    const body = 'x'.repeat(3 * 1024 * 1024);
    const answer = await rawRequest(origin, '/api/templates/validate', { method: 'POST', body });
    expect(answer.status).toBe(200);
    expect(dashboard.seen[0]!.body.length).toBe(body.length);
  });

  it('tells that an app does not answer in time', async () => {
    metrics.answer = () => undefined;
    const answer = await rawRequest(origin, '/api/clusters');
    expectEnvelope(answer, 504);
    expect(answer.headers).toMatchObject({ 'retry-after': '10', 'cache-control': 'no-store' });
  });

  it('tells that a method is not for it', async () => {
    const refused = await rawRequest(origin, '/api/clusters', { method: 'OPTIONS' });
    expectEnvelope(refused, 405);
    expect(refused.headers).toMatchObject({
      allow: 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expectEnvelope(await rawRequest(origin, '/api/clusters', { method: 'TRACE' }), 405);
    // daprd hands a method that it does not know on as POST.
    for (const method of ['FOO', 'post', 'PROPFIND']) {
      const answer = await rawBytes(
        origin,
        `${method} /api/clusters/${ID}/grafana-dashboard/rotate-link HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 40[05] /);
    }
    expect(seen()).toEqual([]);
    const stream = `/api/clusters/${ID}/metrics/stream`;
    const posted = await rawRequest(origin, stream, { method: 'POST' });
    expectEnvelope(posted, 405);
    expect(posted.headers.allow).toBe('GET');
    expect(seen()).toEqual([]);
  });
});

describe('a page of another origin', () => {
  const preflight = (origin_: string, path = '/api/clusters') =>
    rawRequest(origin, path, {
      method: 'OPTIONS',
      headers: {
        origin: origin_,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });

  it.each(['https://a.example', 'https://b.example:8443'])('may ask from %s', async (page) => {
    const path = `/api/clusters/${ID}/metrics/stream`;
    for (const answer of [await preflight(page), await preflight(page, path)]) {
      expect(answer.status).toBe(204);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': expect.stringContaining('Last-Event-ID'),
        vary: 'Origin',
      });
    }
    expect(seen()).toEqual([]);
    for (const path of ['/api/clusters', '/api/nowhere']) {
      const { headers } = await rawRequest(origin, path, { headers: { origin: page } });
      expect(headers).toMatchObject({
        'access-control-allow-origin': page,
        'access-control-expose-headers': expect.stringContaining('X-Request-Id'),
      });
    }
  });

  it.each([
    'https://c.example',
    'https://a.example.evil.example',
    'https://a.exampl',
    'https://b.example',
    'https://a.example https://b.example:8443',
    'x https://a.example',
    '.*',
    'null',
  ])('may not ask from %s', async (page) => {
    const answer = await preflight(page);
    expectEnvelope(answer, 405);
    const asked = await rawRequest(origin, '/api/clusters', { headers: { origin: page } });
    for (const { headers } of [answer, asked])
      expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('the live stream', () => {
  it('comes piece by piece, and from the app itself', async () => {
    const pieces = [': hello\n\n', 'data: 1\n\n', 'data: 2\n\n'];
    let send: (piece: string) => void = () => undefined;
    metrics.answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      send = (piece) => response.write(piece);
    };
    const response = await fetch(`${origin}/api/clusters/${ID}/metrics/stream?x=1`, {
      headers: {
        accept: 'text/event-stream',
        authorization: 'Bearer t',
        'dapr-caller-app-id': 'x',
      },
    });
    const reader = response.body!.getReader();
    const received: string[] = [];
    for (const piece of pieces) {
      send(piece);
      const { value } = (await reader.read()) as { value: Uint8Array }; // would never come, were it kept for the end
      received.push(Buffer.from(value).toString());
    }
    await reader.cancel();

    expect(received).toEqual(pieces);
    expect(seen()).toEqual([`bud-metrics /clusters/${ID}/metrics/stream?x=1`]);
    const names = Object.keys(metrics.seen[0]!.headers);
    expect(names.filter((name) => name.startsWith('dapr'))).toEqual([]);
    expect(metrics.seen[0]!.headers.authorization).toBe('Bearer t');
  }, 5000);
});

// Last: it takes parts away.
describe('while a part is away, the gateway', () => {
  it('tells so of an app', async () => {
    await dashboard.close();
    expectEnvelope(await rawRequest(origin, '/api/dashboards'), 502);
    await dashboard.start({ port: stack.app('bud-dashboard').port });
    expect((await rawRequest(origin, '/api/dashboards')).status).toBe(200);
  });

  it("tells so of an app's sidecar", async () => {
    await stack.app('bud-dashboard').sidecar.stop('SIGKILL');
    const answer = await rawRequest(origin, '/api/dashboards');
    expect([502, 504]).toContain(answer.status);
    expectEnvelope(answer, answer.status);
  });

  it('tells so of bud-metrics on a stream', async () => {
    await metrics.close();
    expectEnvelope(await rawRequest(origin, `/api/clusters/${ID}/metrics/stream`), 502);
  });
});
