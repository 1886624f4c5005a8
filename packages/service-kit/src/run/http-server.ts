import { randomUUID } from 'node:crypto';
import { IncomingMessage, ServerResponse, type Server, type ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express, Request, Response } from 'express';
import { ApiError } from '../http/errors/api-error.js';
import { errorBody } from '../http/errors/error-handler.js';

/** How often connections that have become idle are looked for while stopping (ms). */
const idleCheckMs = 50;

/**
 * Bytes of a request's line and headers together: a token that names a thousand clusters has 52 kB. The
 * gateway lets through less, and answers for it in its own words.
 */
export const maxHeaderBytes = 96 * 1024;

/**
 * Makes the server create Express' requests and responses. Otherwise Express changes the prototype of
 * each, which gives every object a hidden class of its own and makes each property access slow: half of
 * the cost of a short response on Node 20, less on 24.
 */
export function messagesOf(
  app: Express,
): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
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

/** Answers what Node's parser refuses before Express sees it, in the error envelope too. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = new ApiError(
    'BadRequestError',
    reasons[error.code ?? ''] ?? 'This is no valid HTTP',
  );
  const body = JSON.stringify(errorBody(refusal, randomUUID()));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const reasons: Record<string, string> = {
  HPE_HEADER_OVERFLOW: 'The headers are too large',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request took too long to arrive',
};
