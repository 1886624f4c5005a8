import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { runInContext, startSpan, type RequestContext } from '@bud-monitoring/client';
import type { Caller } from '../../auth/caller.js';
import type { Lifecycle } from '../../run/lifecycle.js';

/** The state of one request while it is handled. */
export interface RequestScope {
  readonly requestId: string;
  readonly context: RequestContext;
  /** Aborts the handler: the caller hung up, or the time is over. */
  readonly controller: AbortController;
  /** By `performance.now()`, ms. */
  readonly startedAt: number;
  /** Path pattern of the route; `unmatched` until one is found. */
  route: string;
  caller?: Caller;
  /** Writes the audit line with the status, where one is still to be written. */
  audit?: ((status: number) => void) | undefined;
}

export interface RequestScopeOptions {
  lifecycle: Lifecycle;
  /** Set on every response. */
  headers: ReadonlyMap<string, string>;
  /** Called once for each request, within its context, when it has ended. */
  atEnd: (request: Request, response: Response) => void;
}

/**
 * First handler of every request: sets its id, trace, abort signal and the common response headers, and
 * runs what follows in that context. One handler and one listener, since each is paid for every request.
 */
export function requestScope({ lifecycle, headers, atEnd }: RequestScopeOptions): RequestHandler {
  return (request, response, next) => {
    const requestId = requestIdOf(request.headers);
    const given = traceparentOf(request.headers);
    const span = startSpan(() => ({
      name: request.method,
      kind: 'server',
      parent: given,
      attributes: { 'http.request.method': request.method, 'bud.request_id': requestId },
    }));
    const traceparent = span?.traceparent ?? given;
    const controller = new AbortController();
    setMaxListeners(0, controller.signal); // one request may make many, and each listens
    const context: RequestContext = {
      requestId,
      signal: controller.signal,
      ...(traceparent !== undefined && { traceparent }),
    };
    const scope: RequestScope = {
      requestId,
      context,
      controller,
      route: 'unmatched',
      startedAt: performance.now(),
    };
    response.locals['scope'] = scope;
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of headers) response.setHeader(name, value);
    if (lifecycle.state === 'stopping') response.setHeader('Connection', 'close');
    response.once('close', () => {
      if (!response.writableFinished) controller.abort();
      runInContext(context, () => atEnd(request, response));
      const status = response.headersSent ? response.statusCode : 0;
      span?.end({ name: `${request.method} ${scope.route}`, status });
    });
    runInContext(context, next);
  };
}

/** The scope of the request that this response answers. */
export function scopeOf(response: Response): RequestScope {
  return response.locals['scope'] as RequestScope;
}

/** The caller's own id, if it is short and safe to log; else a new one. */
function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}

function traceparentOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['traceparent'];
  if (typeof given !== 'string') return undefined;
  const wellFormed = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(given);
  return wellFormed ? given : undefined;
}
