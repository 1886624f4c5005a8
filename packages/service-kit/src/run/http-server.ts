import { randomUUID } from 'node:crypto';
import {
  createServer,
  IncomingMessage,
  ServerResponse,
  type Server,
  type ServerOptions,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express, Request, Response } from 'express';
import { ApiError } from '../http/errors/api-error.js';
import { errorBody } from '../http/errors/error-handler.js';

/** How often connections that have become idle are looked for while stopping (ms). */
const idleCheckMs = 50;

/** How long a caller may go on sending what was refused already (ms). */
const lingerMs = 1000;

/**
 * Bytes of a request's line and headers together: a token that names a thousand clusters has 52 kB. The
 * gateway lets through less, and answers for it in its own words.
 */
export const maxHeaderBytes = 96 * 1024;

/** The server of an app, that answers in the error envelope whatever comes. */
export function createHttpServer(app: Express): Server {
  const options = {
    keepAliveTimeout: 75_000,
    requestTimeout: 60_000,
    maxHeaderSize: maxHeaderBytes,
    // Node would answer itself, without a body.
    requireHostHeader: false,
    ...messagesOf(app),
  };
  const server = createServer(options, (request, response) => {
    if (request.headers.host !== undefined || request.httpVersionMinor === 0) {
      app(request, response);
      return;
    }
    const body = unreadable('The Host header is missing');
    const length = Buffer.byteLength(body);
    const headers = { Connection: 'close', 'Content-Type': contentType, 'Content-Length': length };
    response.writeHead(400, headers).end(body);
  });
  // All that fit into the bytes. Node drops those after the thousandth, which may be the one that tells
  // an invocation from a delivery of the sidecar.
  server.maxHeadersCount = 0;
  // What a caller expects is passed over, as the gateway does it.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', answerUnreadable);
  return server;
}

/**
 * Makes the server create Express' requests and responses. Otherwise Express changes the prototype of
 * each, which gives every object a hidden class of its own and makes each property access slow: half of
 * the cost of a short response on Node 20, less on 24.
 */
function messagesOf(app: Express): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  class AppRequest extends IncomingMessage {}
  class AppResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype as Request;
  app.response = AppResponse.prototype as unknown as Response;
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/**
 * Takes no new connections, ends idle ones, waits for requests in flight and cuts off what is left
 * after `limitMs`. Resolves to the number cut off. A server that never listened is drained at once.
 */
export async function drain(server: Server, limitMs: number): Promise<number> {
  let cutOff = 0;
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const late = setTimeout(() => {
    server.getConnections((_error, count) => {
      cutOff = count;
      server.closeAllConnections();
    });
  }, limitMs);
  try {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
  return cutOff;
}

const contentType = 'application/json; charset=utf-8';

const unreadable = (message: string): string =>
  JSON.stringify(errorBody(new ApiError('BadRequestError', message), randomUUID()));

/**
 * Answers what Node's parser refuses before Express sees it. The rest is read and dropped for a while: a
 * connection that is closed with bytes unread is reset, and takes the answer with it. The parser refuses
 * each piece of it anew.
 */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = unreadable(reasons[error.code ?? ''] ?? 'This is no valid HTTP');
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const late = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(late));
}

const reasons: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'The headers are too large',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request took too long to arrive',
};
