import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from '@bud-monitoring/stack';
import { createEchoApp } from '../support/echo-app.js';
import { rawRequest, type RawAnswer } from '../support/raw-request.js';

const apps = ['bud-metrics', 'bud-dashboard'].map(createEchoApp);
const PAGE = '<!doctype html><title>Console</title>';
const SCRIPT = `console.log("${'x'.repeat(5000)}");`;
let directory: string;
let stack: Stack;
let without: Stack;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'console-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), PAGE);
  await writeFile(join(directory, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(directory, 'assets', 'index-a1_B-2.js'), SCRIPT);
  await writeFile(join(directory, 'assets', 'index-a1_B-2.css'), 'a { color: red }');
  await writeFile(join(directory, 'assets', '.hidden'), 'no');
  [stack, without] = await Promise.all([
    startStack({
      apps,
      gateway: {
        console: {
          directory,
          issuer: 'https://id.example:8443/realms/bud',
          clientId: 'console',
          scope: 'openid profile',
          issuerOrigins: 'https://tokens.example',
          audience: 'bud',
          grafanaUrl: 'https://grafana.example/sub/path',
        },
      },
    }),
    startStack({ gateway: true }),
  ]);
}, 90_000);
afterAll(async () => {
  await Promise.all([stack.stop(), without.stop()]);
  await rm(directory, { recursive: true });
});

const get = (path: string, options?: Parameters<typeof rawRequest>[2]) =>
  rawRequest(stack.gateway!.url, path, options);

function expectPage(answer: RawAnswer): void {
  expect(answer).toMatchObject({ status: 200, body: PAGE });
  expect(answer.headers).toMatchObject({
    'content-type': 'text/html',
    'cache-control': 'no-cache',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
  });
}

describe('the console at the gateway', () => {
  it('is one page under each of its paths', async () => {
    const table = await readFile('packages/console/src/app/pages.ts', 'utf8');
    const paths = [...table.matchAll(/path: '([^']+)'/g)].map(([, path = '']) =>
      path.replace(/:\w+/g, 'prod%20east.1:9100'),
    );
    expect(paths.length).toBeGreaterThan(5);
    for (const path of [...paths, '/signed-in', '/?search=a&cursor=b', '/clusters/a/b'])
      expectPage(await get(path));
  });

  it('may do nothing but what it is made for', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => directive.trim());
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self' https://id.example:8443 https://tokens.example",
      'frame-src https://grafana.example',
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ]);
  });

  it.each([
    ['/assets/index-a1_B-2.js', 'text/javascript', SCRIPT],
    ['/assets/index-a1_B-2.css', 'text/css', 'a { color: red }'],
  ])('keeps %s for ever, as its name changes with it', async (path, type, body) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 200, body });
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is sent packed, and not again where it has not changed', async () => {
    const packed = await get('/assets/index-a1_B-2.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    const { headers } = await get('/');
    const again = await get('/', { headers: { 'if-none-match': String(headers.etag) } });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it('is told how its users sign in, and no secret', async () => {
    const answer = await get('/console.json');
    expect(JSON.parse(answer.body)).toEqual({
      issuer: 'https://id.example:8443/realms/bud',
      client_id: 'console',
      scope: 'openid profile',
      audience: 'bud',
    });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
  });

  it.each([
    '/assets/',
    '/assets/index-other.js',
    '/assets/.hidden',
    '/assets',
    '/index.html',
    '/console.jsonx',
    '/clustersx',
    '/dapr/config',
    '/events/cluster-created',
    '/v1.0/invoke/bud-metrics/method/health',
    '/metrics',
    '/nginx.conf',
    '/api',
    '/api/assets/index-a1_B-2.js',
  ])('leaves %s nowhere', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ object: 'error', type: 'NotFoundError' });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each(['/nowhere', '/dapr/config', '/clustersx', '/v1.0/x', '/nowhere?a=b', '/%20'])(
    'tells a person at %s by its page that nothing is there',
    async (path) => {
      const headers = { accept: 'application/xhtml+xml, text/html, */*;q=0.8' };
      const answer = await get(path, { headers });
      expect(answer).toMatchObject({ status: 404, body: PAGE });
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        'x-content-type-options': 'nosniff',
      });
      const { gateway } = without;
      const other = await rawRequest(gateway!.url, path, { headers });
      expect(JSON.parse(other.body)).toMatchObject({ object: 'error', code: 404 });
    },
  );

  it.each(['/api', '/api/', '/api/nowhere', '/api/metrics/health'])(
    'tells nobody about %s by a page, as it is of the API',
    async (path) => {
      const answer = await get(path, { headers: { accept: 'text/html' } });
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({ object: 'error', code: 404 });
    },
  );

  it.each([
    '/assets/../nginx.conf',
    '/assets/%2e%2e/nginx.conf',
    '/assets/..%2fnginx.conf',
    '//assets/index-a1_B-2.js',
    '/clusters/..%2f..%2fnginx.conf',
    '/clusters/%00',
    '/clusters/../nginx.conf',
  ])('refuses %s', async (path) => {
    expect((await get(path)).status).toBe(400);
  });

  it.each(['/', '/assets/index-a1_B-2.js', '/console.json'])('is only read: %s', async (path) => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await get(path, { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe('GET, HEAD');
    }
    expect(await get(path, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('stands in nobody’s way', async () => {
    expect((await get('/api/clusters')).status).toBe(200);
    expect((await get('/api/dead-letters')).status).toBe(200);
    expect(apps.flatMap(({ seen }) => seen.map(({ url }) => url))).toEqual([
      '/clusters',
      '/dead-letters',
    ]);
    const refused = await get('/api/clusters', { method: 'OPTIONS' });
    expect(refused.headers.allow).toBe('GET, HEAD, POST, PUT, PATCH, DELETE');
  });

  it.each(['/', '/clusters/a', '/signed-in', '/console.json', '/assets/index-a1_B-2.js'])(
    'is not there where it is off: %s',
    async (path) => {
      const answer = await rawRequest(without.gateway!.url, path);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.body)).toMatchObject({ object: 'error', code: 404 });
      const posted = await rawRequest(without.gateway!.url, path, { method: 'POST' });
      expect(posted.status).toBe(404);
    },
  );
});
