import { pipeline } from 'node:stream/promises';
import type { ClusterId } from '@bud-monitoring/contracts';
import type { Scope } from '@bud-monitoring/promql';
import { ApiError, type Caller } from '@bud-monitoring/service-kit';
import express, { type Request, type Response } from 'express';
import type { StoreAnswer } from '../domain/prometheus-api/answer.js';
import { QueueFull } from '../domain/prometheus-api/fair-queue.js';
import { readParameters, type Parameters } from '../domain/prometheus-api/parameters.js';
import { OverLimit, Refused } from '../domain/prometheus-api/scoped-call.js';
import { BodyTooLarge } from '../domain/prometheus-api/shared-body.js';
import { toHttpError } from './errors.js';

const readForm = express.text({ limit: '1mb', type: 'application/x-www-form-urlencoded' });

/** Parameters of a call: of its URL, and of its form where it is a POST. */
export async function parametersOf(request: Request, response: Response): Promise<Parameters> {
  const { searchParams } = new URL(request.originalUrl, 'http://localhost');
  if (request.method === 'GET') return readParameters(searchParams);
  await new Promise<void>((resolve, reject) => {
    void readForm(request, response, (error?: Error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
  const body: unknown = request.body;
  return readParameters(searchParams, new URLSearchParams(typeof body === 'string' ? body : ''));
}

/** What a caller may see of a cluster: all of it, or the namespaces of the token. */
export function scopeOf(cluster: ClusterId, { namespaces }: Caller): Scope {
  return namespaces === 'all' ? { cluster } : { cluster, namespaces: [...namespaces] };
}

/** Keeps apart what callers of different reach are answered; holds no blank. */
export function scopeKey({ cluster, namespaces }: Scope): string {
  if (namespaces === undefined) return cluster;
  return `${cluster}:${[...namespaces].sort().map(encodeURIComponent).join(',')}`;
}

/** Sends an answer as it is or as it comes in, and says where it is from. */
export async function sendAnswer(answer: StoreAnswer, response: Response): Promise<void> {
  const { body } = answer;
  response.status(answer.status);
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('X-Cache', answer.cache);
  response.setHeader('X-Cache-Reason', answer.reason);
  if (Buffer.isBuffer(body)) {
    response.setHeader('Content-Length', body.length);
    response.end(body);
  } else {
    await pipeline(body, response);
  }
}

/** The `data` of an answer, parsed; throws the store's own words where it has none. */
export async function dataOf<T>({ status, body }: StoreAnswer): Promise<T> {
  const pieces: Buffer[] = [];
  if (Buffer.isBuffer(body)) pieces.push(body);
  else for await (const piece of body) pieces.push(piece);
  const answer = JSON.parse(Buffer.concat(pieces).toString()) as { data: T; error?: string };
  if (status === 200) return answer.data;
  throw new ApiError('PrometheusQueryError', answer.error ?? `the store answered ${status}`);
}

/** What the caller is told of a call that was not handed on. */
export function toCallError(error: unknown): unknown {
  if (error instanceof Refused) {
    const { status } = error.refusal;
    return new ApiError(
      status === 400 ? 'BadRequestError' : 'UnprocessableEntityError',
      error.message,
    );
  }
  if (error instanceof OverLimit) return ApiError.unprocessable(error.message);
  if (error instanceof BodyTooLarge) {
    return ApiError.unprocessable(`${error.message}; ask for fewer series or points`);
  }
  if (error instanceof QueueFull) {
    return new ApiError('TooManyRequestsError', error.message, { retryAfterSeconds: 1 });
  }
  return toHttpError(error);
}
