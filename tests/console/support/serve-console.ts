import { readFile } from 'node:fs/promises';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

/** What a page of ours is allowed: nothing inline, nothing from elsewhere but dashboards in a frame. */
const policy = (frames: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `frame-src ${frames}`,
  ].join('; ');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Answers a request instead of the gateway; undefined leaves it to the gateway. */
export type Interfere = (request: IncomingMessage, response: ServerResponse) => true | undefined;

export interface ConsoleServer extends AsyncDisposable {
  url: string;
  /** What answers instead of the gateway, if anything; may be changed at any time. */
  interfere: Interfere | null;
}

/** The console's files with a strict policy, and the gateway's API beside them. */
export async function serveConsole(options: {
  gateway: string;
  /** The files that `npm run build -w packages/console` makes. */
  directory: string;
  frames?: string;
}): Promise<ConsoleServer> {
  const { gateway, directory, frames = "'none'" } = options;
  const console: Pick<ConsoleServer, 'interfere'> = { interfere: null };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', gateway);
    if (pathname.startsWith('/api/')) {
      if (console.interfere?.(request, response) !== true) forward(gateway, request, response);
      return;
    }
    if (pathname === '/console.json') {
      response.setHeader('content-type', 'application/json');
      response.end('{}'); // no issuer: users bring a token
      return;
    }
    const file = extname(pathname) === '' ? 'index.html' : pathname.slice(1);
    readFile(join(directory, file)).then(
      (body) => {
        response.setHeader('content-security-policy', policy(frames));
        response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
        response.end(body);
      },
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(console, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function forward(gateway: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = '/' } = request;
  const asked = ask(`${gateway}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    // What breaks off behind breaks off here.
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  response.on('close', () => asked.destroy());
  request.pipe(asked);
}
