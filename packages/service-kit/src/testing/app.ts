import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Registry } from 'prom-client';
import { createAuthenticator } from '../auth/authenticator.js';
import { createServiceApp, type ServiceApp, type ServiceAppOptions } from '../http/service-app.js';
import { createLogger, type Logger } from '../log/logger.js';

export type LogLine = Record<string, unknown> & { level: string; message: string };

/** A logger whose lines are kept, parsed. */
export function memoryLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as LogLine);
  return { logger: createLogger({ service: 'test', level: 'debug', write }), lines };
}

export interface TestApp extends AsyncDisposable {
  url: string;
  app: ServiceApp;
  registry: Registry;
  lines: LogLine[];
}

/** A running service app on a free port: authentication off unless an authenticator is given. */
export async function startApp(overrides: Partial<ServiceAppOptions> = {}): Promise<TestApp> {
  const { logger, lines } = memoryLogger();
  const registry = new Registry();
  const app = createServiceApp({
    name: 'bud-test',
    version: '1.2.3',
    logger,
    registry,
    authenticator:
      overrides.authenticator ??
      createAuthenticator({ mode: 'off', appId: 'bud-test', trustedAppIds: [] }, { logger }),
    routes: [],
    health: { ready: () => Promise.resolve([]), stack: () => Promise.resolve({}) },
    ...overrides,
  });
  const server = createServer(app);
  const url = await listen(server);
  return { url, app, registry, lines, [Symbol.asyncDispose]: () => close(server) };
}

export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body parsed; the test fails where it is no JSON. */
  json(): Record<string, unknown>;
}

export interface SendOptions {
  method?: string;
  /** An array sends the header several times. */
  headers?: Record<string, string | string[]>;
  body?: string;
  signal?: AbortSignal;
}

/** One request over a connection of its own, as bare as it goes: any header, any path. */
export async function send(url: string, path: string, options: SendOptions = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body, signal } = options;
  const { hostname, port } = new URL(url);
  const outgoing = httpRequest({
    hostname,
    port,
    path,
    method,
    headers,
    agent: false,
    ...(signal && { signal }),
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer> & Answer];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
}

/** Waits until `done` says yes; the test's own time limit ends it otherwise. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}
