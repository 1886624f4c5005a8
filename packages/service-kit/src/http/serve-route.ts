import type { Request, RequestHandler, Response } from 'express';
import type { Permission } from '@bud-monitoring/contracts';
import { auditAccess } from '../auth/audit-log.js';
import type { Authenticator } from '../auth/authenticator.js';
import { lacksNamespaces, maySeeCluster, type Caller } from '../auth/caller.js';
import type { Logger } from '../log/logger.js';
import type { Lifecycle } from '../run/lifecycle.js';
import { admissionOf, busy, type Admissions } from './shedding.js';
import { ApiError } from './errors/api-error.js';
import { readBody, readParams, readQuery } from './request/parse-request.js';
import { scopeOf, type RequestScope } from './request/request-scope.js';
import type { Route, RouteContext } from './route.js';

export interface ServeOptions {
  authenticator: Authenticator;
  logger: Logger;
  lifecycle: Lifecycle;
  requestTimeoutMs: number;
  admission: Admissions;
}

/** The caller on a public route: anonymous, without permissions. */
const nobody: Caller = {
  subject: 'anonymous',
  kind: 'anonymous-off',
  permissions: new Set(),
  clusters: new Set(),
  namespaces: new Set(),
  clusterNamespaces: new Map(),
  expiresAt: null,
};

/**
 * Serves one route: admission (503), authentication (401), permission (403), validation (400; 403 for a cluster
 * the token does not cover), then the handler, all within the route's timeout (504).
 */
export function serveRoute(route: Route, options: ServeOptions): RequestHandler {
  const admission = admissionOf(route, options.admission);
  return async (request, response) => {
    const scope = scopeOf(response);
    scope.route = route.path;
    const leave = admission === undefined ? () => undefined : admission.enter();
    if (leave === undefined) throw busy();
    const timeoutMs = route.timeoutMs === undefined ? options.requestTimeoutMs : route.timeoutMs;
    const work = handle(route, options, request, response);
    try {
      await within(timeoutMs, scope, work);
    } finally {
      leave();
    }
  };
}

async function handle(
  route: Route,
  { authenticator, logger, lifecycle }: ServeOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const scope = scopeOf(response);
  const params = attempt(() => readParams(route.params, request));
  const clusterId = clusterOf(route, params);
  if (route.permission !== 'public') {
    auditAccess(logger, route, clusterId, response);
    scope.caller = await authenticator.authenticate(request);
    demand(scope.caller, route.permission);
  }
  const caller = scope.caller ?? nobody;
  if ('error' in params) throw params.error;
  if (route.permission !== 'public' && clusterId !== null) {
    if (clusterId !== '*') demandCluster(caller, clusterId);
    if (route.namespaces !== 'own') demandNamespaces(caller, clusterId);
  }
  const query = route.readsParameters ? {} : readQuery(route.query, request);
  const body = route.body && (await readBody(route.body, request, response));
  const { stopping } = lifecycle;
  const input = { params: params.value, query, body, caller, stopping, logger };
  await route.respond(new Context(input, scope), request, response);
}

/** A class, since its signal is to be made only where it is asked for. */
class Context implements RouteContext {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller;
  readonly stopping: AbortSignal;
  readonly logger: Logger;
  readonly requestId: string;
  readonly #scope: RequestScope;

  constructor(
    input: Pick<RouteContext, 'params' | 'query' | 'body' | 'caller' | 'stopping' | 'logger'>,
    scope: RequestScope,
  ) {
    this.params = input.params;
    this.query = input.query;
    this.body = input.body;
    this.caller = input.caller;
    this.stopping = input.stopping;
    this.logger = input.logger;
    this.requestId = scope.requestId;
    this.#scope = scope;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  abort(reason: Error): void {
    this.#scope.abort(reason);
  }
}

function demand(caller: Caller, permission: Permission | 'any'): void {
  if (permission === 'any' || caller.permissions.has(permission)) return;
  throw ApiError.forbidden(`The permission ${permission} is needed`);
}

function demandCluster(caller: Caller, clusterId: string): void {
  if (maySeeCluster(caller, clusterId)) return;
  throw ApiError.forbidden('The token does not reach this cluster');
}

function demandNamespaces(caller: Caller, clusterId: string): void {
  if (!lacksNamespaces(caller, clusterId)) return;
  throw ApiError.forbidden(
    'The token is limited to namespaces, and this shows more of a cluster: use its Prometheus API',
  );
}

type Attempt = { value: unknown } | { error: unknown };

/** Parameters are parsed first, so that the audit names the cluster; their error comes after 401 and 403. */
function attempt(read: () => unknown): Attempt {
  try {
    return { value: read() };
  } catch (error) {
    return { error };
  }
}

function clusterOf(route: Route, params: Attempt): string | null {
  if (!('cluster_id' in route.params.shape)) return '*';
  return 'value' in params ? (params.value as { cluster_id: string }).cluster_id : null;
}

function within(timeoutMs: number | null, scope: RequestScope, work: Promise<void>): Promise<void> {
  if (timeoutMs === null) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `No answer within ${timeoutMs / 1000} s`;
      reject(new ApiError('GatewayTimeoutError', message, { retryAfterSeconds: 10 }));
      scope.abort();
    }, timeoutMs);
    const inTime = () => clearTimeout(timer);
    work.then(resolve, reject);
    work.then(inTime, inTime);
  });
}
