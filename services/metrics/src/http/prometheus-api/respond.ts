import { pipeline } from 'node:stream/promises';
import { ApiError, readForm } from '@bud-monitoring/service-kit';
import type { Request, Response } from 'express';
import type { StoreAnswer } from '../../domain/prometheus-api/query-executor.js';
import { QueueFull } from '../../domain/prometheus-api/upstream/fair-queue.js';
import { OverLimit } from '../../domain/prometheus-api/request/limits.js';
import { readParameters, type Parameters } from '../../domain/prometheus-api/request/parameters.js';
import { Refused } from '../../domain/prometheus-api/scoping/scope-request.js';
import { BodyTooLarge } from '../../domain/prometheus-api/upstream/shared-body.js';
import { NoPromQL, UnusableAnswer } from '../../domain/prometheus-api/response/error-translation.js';
import { toHttpError } from '../response/errors.js';

/** Parameters of a call: of its URL, and of its form where it is a POST. */
export async function parametersOf(request: Request): Promise<Parameters> {
  const mark = request.originalUrl.indexOf('?');
  const inUrl = new URLSearchParams(mark < 0 ? '' : request.originalUrl.slice(mark + 1));
  if (request.method !== 'POST') return readParameters(inUrl);
  return readParameters(inUrl, await readForm(request));
}

/**
 * The caller's signal, aborted also with a 504 unless an answer has begun within `ms`. `done` is to be
 * called when it has.
 */
export function withDeadline(
  caller: AbortSignal,
  ms: number,
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const leave = () => controller.abort(caller.reason);
  if (caller.aborted) leave();
  else caller.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(() => {
    controller.abort(
      new ApiError('GatewayTimeoutError', `No answer within ${ms / 1000} s; ask for less at once`),
    );
  }, ms);
  return { signal: controller.signal, done: () => clearTimeout(timer) };
}

/** Bytes that a connection takes without its reader. */
const smallBytes = 64 * 1024;

/** Sends an answer as it is or as it comes in, and says where it is from. */
export async function sendAnswer(
  { status, cache, reason, body }: StoreAnswer,
  response: Response,
  stallMs: number,
): Promise<void> {
  if (!Buffer.isBuffer(body) || body.length > smallBytes) {
    // Who does not read holds up memory, and others who read the same.
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

/** What the caller is told of a call that was not answered. */
export function toCallError(error: unknown): unknown {
  if (error instanceof NoPromQL) return new ApiError('BadRequestError', error.message);
  if (error instanceof Refused) {
    const isBad = error.refusal.status === 400;
    return new ApiError(isBad ? 'BadRequestError' : 'UnprocessableEntityError', error.message);
  }
  if (error instanceof OverLimit || error instanceof BodyTooLarge) {
    return ApiError.unprocessable(error.message);
  }
  if (error instanceof QueueFull) {
    return new ApiError('TooManyRequestsError', error.message, { retryAfterSeconds: 1 });
  }
  if (error instanceof UnusableAnswer) return new ApiError('PrometheusQueryError', error.message);
  return toHttpError(error);
}
