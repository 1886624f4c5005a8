import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { ApiResponse } from '../../domain/prometheus-api/response/api-response.js';

/** Bytes that the socket buffers take even if the client does not read. */
const smallBytes = 64 * 1024;

/** Sends a response, whole or as it arrives, with its cache status in the headers. */
export async function sendResponse(
  { status, cache, reason, body }: ApiResponse,
  response: Response,
  stallMs: number,
): Promise<void> {
  if (!Buffer.isBuffer(body) || body.length > smallBytes) {
    // A client that does not read holds up memory, and others that share the response.
    response.setTimeout(stallMs, () => response.destroy());
  }
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('X-Cache', cache);
  response.setHeader('X-Cache-Reason', reason);
  if (Buffer.isBuffer(body)) {
    response.setHeader('Content-Length', body.length);
    response.end(body);
  } else {
    await pipeline(body, response);
  }
}
