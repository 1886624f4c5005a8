import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import type { Span } from './tracing.js';

/** What every call made on behalf of one incoming request shares. */
export interface RequestContext {
  requestId: string;
  /** The incoming W3C `traceparent`; outgoing calls carry its trace id with a span id of their own. */
  traceparent?: string;
  /** Aborted when the caller goes away; used by each outgoing call that is given no signal. */
  signal?: AbortSignal;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `fn`, and all it awaits, within `context`. */
export function runInContext<T>(context: RequestContext, fn: () => T): T {
  return storage.run(context, fn);
}

/** The context of the request being handled, if any. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

/**
 * Runs `fn` in the current context without its signal. For work that several requests wait for (one
 * query in flight per key): the first caller's leaving must not cancel it for the others.
 */
export function runDetached<T>(fn: () => T): T {
  const context = storage.getStore();
  if (context === undefined) return fn();
  const { requestId, traceparent } = context;
  return storage.run({ requestId, ...(traceparent !== undefined && { traceparent }) }, fn);
}

/**
 * The headers that tie an outgoing call to the current request; none outside of one. `span` is the
 * call's own, where spans are made.
 */
export function contextHeaders(span?: Span): Record<string, string> {
  const context = storage.getStore();
  if (context === undefined) return span === undefined ? {} : { traceparent: span.traceparent };
  const headers: Record<string, string> = {};
  if (/^[\x21-\x7e]{1,128}$/.test(context.requestId)) headers['x-request-id'] = context.requestId;
  const child = span?.traceparent ?? childTraceparent(context.traceparent);
  if (child !== undefined) headers['traceparent'] = child;
  return headers;
}

/** The same trace and flags with a new span id; nothing for what is no valid `traceparent`. */
function childTraceparent(traceparent: string | undefined): string | undefined {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  const [, traceId, parentId, flags] = parts ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}`;
}
