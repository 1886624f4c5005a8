import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { DaprRoute } from '../dapr/dapr-route.js';
import type { Admission } from './admission.js';
import { ApiError } from './errors/api-error.js';
import { formatFor, type ErrorFormat } from './errors/error-format.js';
import { errorBody } from './errors/error-handler.js';
import type { Route } from './route.js';

/** What limits the requests at work. */
export interface Admissions {
  /** Of routes with a time limit. */
  readonly timed: Admission;
  /** Of routes with a queue of their own. */
  readonly queued: Admission;
  readonly isLongTurn: Readonly<Record<'timed' | 'queued', () => boolean>>;
  isBusyLoop(): boolean;
}

export interface SheddingOptions {
  admission: Admissions;
  routes: readonly Route[];
  daprRoutes: readonly DaprRoute[];
  errorFormats: readonly ErrorFormat[];
  /** What the queue of a route would say to a request, by its URL; undefined where it would take it. */
  queueRefusal: ((url: string) => ApiError | undefined) | undefined;
  /** Called for each request that is refused here. */
  onRefused: (method: string, status: number) => void;
}

/** What a request is told that is not taken. */
export const busy = () => ApiError.unavailable('The service is busy; try again', 1);

/**
 * Which limit a route counts to: what is public is cheap and says how we are; a stream waits and does nothing; a
 * route without a time limit has a queue of its own.
 */
export function admissionOf(
  { permission, produces, timeoutMs }: Pick<Route, 'permission' | 'produces' | 'timeoutMs'>,
  { timed, queued }: Admissions,
): Admission | undefined {
  if (permission === 'public' || produces === 'text/event-stream') return undefined;
  return timeoutMs === null ? queued : timed;
}

/**
 * First of all handlers: refuses what could not be taken before anything is spent on it, since at twice the capacity
 * there are as many refusals as answers. It knows the routes by the beginnings of their paths only; who passes here
 * is counted by its route.
 */
export function shedding(options: SheddingOptions): RequestHandler {
  const { admission, routes, daprRoutes, errorFormats, queueRefusal, onRefused } = options;
  const of = (path: string) => path.split('/')[1] ?? '';
  const isOpen = new Set([
    ...routes
      .filter((route) => admissionOf(route, admission) === undefined)
      .map(({ path }) => of(path)),
    ...daprRoutes.map(({ path }) => of(path)),
    'dapr',
  ]);
  for (const { path, ...route } of routes) {
    if (admissionOf(route, admission) !== undefined) isOpen.delete(of(path));
  }
  const kindOf = (url: string) => {
    const first = /^\/([^/?]*)/.exec(url)?.[1] ?? '';
    if (isOpen.has(first) || /\/stream(\?|$)/.test(url)) return undefined;
    return /\/prometheus(\/|\?|$)/.test(url) ? 'queued' : 'timed';
  };
  // There may be thousands a second, and an error keeps where it was made.
  const atOnce = busy();
  const refusalOf = (url: string): ApiError | undefined => {
    const kind = kindOf(url);
    if (kind === undefined) return undefined;
    if (admission.isLongTurn[kind]() || admission[kind].isFull()) return atOnce;
    // Its answer may be kept, and needs no queue: that is looked up as long as there is time for it.
    return kind === 'queued' && admission.isBusyLoop() ? queueRefusal?.(url) : undefined;
  };
  return (request, response, next) => {
    const error = refusalOf(request.url);
    if (error === undefined) {
      next();
      return;
    }
    onRefused(request.method, error.status);
    const id = randomUUID();
    const format = formatFor(errorFormats, request.path);
    const body = JSON.stringify(format ? format.body(error, id) : errorBody(error, id));
    response.writeHead(error.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'retry-after': '1',
      'x-request-id': id,
    });
    response.end(body);
  };
}
