import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { runInContext, startSpan, type RequestContext } from '@bud-monitoring/client';
import type { Caller } from '../../auth/caller.js';
import type { Lifecycle } from '../../run/lifecycle.js';

/** The state of one request while it is handled, and the context of all that is done for it. */
export class RequestScope implements RequestContext {
  /** By `performance.now()`, ms. */
  readonly startedAt = performance.now();
  /** Path pattern of the route; `unmatched` until one is found. */
  route = 'unmatched';
  caller?: Caller;
  /** Writes the audit line with the status, where one is still to be written. */
  audit?: ((status: number) => void) | undefined;
  readonly requestId: string;
  readonly traceparent?: string;
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: Error | undefined;

  constructor(requestId: string, traceparent: string | undefined) {
    this.requestId = requestId;
    if (traceparent !== undefined) this.traceparent = traceparent;
  }

  /** Made when it is first asked for: signals are dear, and a kept answer needs none. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      setMaxListeners(0, this.#controller.signal); // one request may make many calls, and each listens
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Aborts what is done for the request: the caller hung up, or the time is over. */
  abort(reason?: Error): void {
    this.#isAborted = true;
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }
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
    const scope = new RequestScope(requestId, span?.traceparent ?? given);
    response.locals['scope'] = scope;
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of headers) response.setHeader(name, value);
    if (lifecycle.state === 'stopping') response.setHeader('Connection', 'close');
    response.once('close', () => {
      if (!response.writableFinished) scope.abort();
      runInContext(scope, () => atEnd(request, response));
      const status = response.headersSent ? response.statusCode : 0;
      span?.end({ name: `${request.method} ${scope.route}`, status });
    });
    runInContext(scope, next);
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
