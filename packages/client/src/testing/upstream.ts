import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as the upstream saw it. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; `text` as it is. */
  json?: unknown;
  text?: string | Buffer;
  /** Takes over the answer: hangs, cuts the connection, trickles. */
  raw?: (response: ServerResponse) => void;
}

type Handler = (seen: Seen) => Reply;
/** One answer for all requests, one each in turn, or one made from the request. */
export type Route = Reply | Handler | readonly (Reply | Handler)[];

export interface FakeUpstream extends AsyncDisposable {
  url: string;
  seen: Seen[];
  /** Connections taken so far. */
  connections(): number;
}

/**
 * A real small server whose routes are `METHOD /path`. A request that no route expects, or an answer
 * in turn that nobody fetched, fails the test when the server is disposed.
 */
export async function startUpstream(routes: Record<string, Route>): Promise<FakeUpstream> {
  const seen: Seen[] = [];
  const unexpected: string[] = [];
  const turns = new Map<string, number>();
  const sockets = new Set<Socket>();
  let connections = 0;

  function replyTo(request: Seen): Reply {
    const key = `${request.method} ${request.path}`;
    const route = routes[key];
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    const answer = Array.isArray(route) ? (route as (Reply | Handler)[])[turn] : route;
    if (answer === undefined) {
      unexpected.push(key);
      return { status: 599, text: 'unexpected' };
    }
    return typeof answer === 'function' ? answer(request) : (answer as Reply);
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://upstream');
      const request: Seen = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: url.searchParams,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(request);
      const { status = 200, headers = {}, json, text, raw } = replyTo(request);
      if (raw !== undefined) {
        raw(response);
        return;
      }
      const type = json === undefined ? {} : { 'content-type': 'application/json' };
      response.writeHead(status, { ...type, ...headers });
      response.end(json === undefined ? text : JSON.stringify(json));
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      const left = Object.entries(routes).filter(
        ([key, route]) => Array.isArray(route) && (turns.get(key) ?? 0) < route.length,
      );
      if (unexpected.length > 0) throw new Error(`unexpected: ${unexpected.join(', ')}`);
      if (left.length > 0) throw new Error(`not fetched: ${left.map(([key]) => key).join(', ')}`);
    },
  };
}

/** The error a promise must end with; fails when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: unknown) => error,
  );
}
