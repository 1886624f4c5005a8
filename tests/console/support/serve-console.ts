import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Answers a request instead of the gateway; undefined leaves it to the gateway. */
export type Interfere = (request: IncomingMessage, response: ServerResponse) => true | undefined;

export interface ConsoleServer extends AsyncDisposable {
  url: string;
  /** What answers instead of the gateway, if anything; may be changed at any time. */
  interfere: Interfere | null;
}

/** The gateway, its console included, where answers of its API can be replaced. */
export async function serveConsole(gateway: string): Promise<ConsoleServer> {
  const console: Pick<ConsoleServer, 'interfere'> = { interfere: null };
  const server = createServer((request, response) => {
    const isApi = request.url?.startsWith('/api/') === true;
    if (!isApi || console.interfere?.(request, response) !== true)
      forward(gateway, request, response);
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
