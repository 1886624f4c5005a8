import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { service, startStack, type Stack } from '@bud-monitoring/stack';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';

/** What the page offers to the tests. */
interface PageApi {
  list(): Promise<unknown>;
  failure(): Promise<unknown>;
  /** Listens for so long (ms), and tells what came. */
  listen(ms: number): Promise<unknown[]>;
}

const source = `
  import { createBrowserClient, createStreams, pages } from '@bud-monitoring/browser';
  const token = () => fetch('/token').then((response) => response.text());
  const connection = { baseUrl: new URLSearchParams(location.search).get('api'), token };
  const client = createBrowserClient(connection);
  globalThis.page = {
    async list() {
      const found = [];
      for await (const page of pages(client.listClusters, { limit: 1 })) found.push(page.total);
      return found;
    },
    failure: () => client.getCluster('nonsense').catch(({ code, type, details, requestId }) =>
      ({ code, type, details, hasId: requestId !== null })),
    async listen(ms) {
      const heard = [];
      const signal = AbortSignal.timeout(ms);
      for await (const { data, error } of createStreams(connection).streamAlerts({}, { signal }))
        heard.push(error ? error.message : data.total);
      return heard;
    },
  };
`;

let browser: Browser;
let stack: Stack;
let allowed: Server;
let other: Server;
let tokens = 0;

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function servePage(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/token') {
        tokens += 1;
        response.end(
          await stack.identity.mintToken({ permissions: ['cluster:view'], expiresIn: '4s' }),
        );
      } else if (request.url === '/page.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      } else {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<!doctype html><script type="module" src="/page.js"></script>');
      }
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: 'tests' },
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser' },
  });
  [allowed, other] = await Promise.all([
    servePage(outputFiles[0]!.text),
    servePage(outputFiles[0]!.text),
  ]);
  stack = await startStack({
    prometheus: true,
    gateway: { corsOrigins: [originOf(allowed)] },
    apps: [service('metrics')],
  });
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
}, 180_000);
afterAll(async () => {
  await browser.close();
  await stack.stop();
  for (const server of [allowed, other]) {
    server.closeAllConnections();
    server.close();
  }
});

async function open(server: Server): Promise<Page> {
  const page = await browser.newPage();
  const api = encodeURIComponent(`${stack.gateway!.url}/api`);
  await page.goto(`${originOf(server)}/?api=${api}`);
  await page.waitForFunction('globalThis.page !== undefined');
  return page;
}

const call = (page: Page, expression: `${keyof PageApi}(${string})`) =>
  page.evaluate<unknown>(`globalThis.page.${expression}`);

describe('a page of another origin, in Chromium', () => {
  it('lists clusters, and reads errors with their fields and the id of the request', async () => {
    const page = await open(allowed);
    expect(await call(page, 'list()')).toEqual([0]);
    expect(await call(page, 'failure()')).toEqual({
      ...{ code: 400, type: 'BadRequestError', hasId: true },
      details: [{ field: 'cluster_id', message: 'must be a UUID' }],
    });
    await page.close();
  }, 60_000);

  it('follows a stream over the end of its token, and gets nothing twice', async () => {
    const page = await open(allowed);
    const before = tokens;
    expect(await call(page, 'listen(12000)')).toEqual([0]);
    expect(tokens - before).toBeGreaterThanOrEqual(2);
    await page.close();
  }, 60_000);

  it('is refused where its origin is not allowed', async () => {
    const page = await open(other);
    expect(await call(page, 'failure()')).toMatchObject({ code: 0, type: 'NetworkError' });
    await page.close();
  }, 60_000);
});
