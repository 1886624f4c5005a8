import express, { type Express } from 'express';
import helmet from 'helmet';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import type { Authenticator } from '../auth/authenticator.js';
import type { DaprRoute } from '../dapr/dapr-route.js';
import { createRedeliveries } from '../dapr/redeliveries.js';
import { serveDaprRoutes } from '../dapr/serve-dapr.js';
import { healthRoutes, type HealthSource } from '../health/health-routes.js';
import type { Logger } from '../log/logger.js';
import { createLifecycle, type Lifecycle } from '../run/lifecycle.js';
import {
  createAdmission,
  createBusyLoop,
  createLongTurn,
  createLoopWait,
  longTurns,
  observeAdmission,
} from './admission.js';
import { docsRoutes } from './openapi/docs-routes.js';
import type { ApiError } from './errors/api-error.js';
import { errorHandler, methodNotAllowed, unknownPath } from './errors/error-handler.js';
import type { ErrorFormat } from './errors/error-format.js';
import { openApiDocument } from './openapi/document.js';
import { requestLog } from './request/request-log.js';
import { requestScope } from './request/request-scope.js';
import { defineRawRoute, type Route } from './route.js';
import { serveRoute, type ServeOptions } from './serve-route.js';
import { shedding, type Admissions } from './shedding.js';

export interface ServiceAppOptions {
  name: string;
  version: string;
  description?: string;
  logger: Logger;
  /** Takes the app's own metrics and the process's; `/metrics` shows it whole. */
  registry: Registry;
  authenticator: Authenticator;
  routes: readonly Route[];
  daprRoutes?: readonly DaprRoute[];
  health: HealthSource;
  errorFormats?: readonly ErrorFormat[];
  /** Time for a whole answer unless the route says otherwise (ms). */
  requestTimeoutMs?: number;
  /** Requests at work at once, 200 unless told; more get a 503, and fewer do while work waits for long. */
  maxRequests?: number;
  /** How long what a request needs of upstreams waits for its turn, ms; never unless told. */
  upstreamWait?: () => number;
  /** What the queue of a route without a time limit would say to a request, by its URL. */
  queueRefusal?: (url: string) => ApiError | undefined;
}

/** An Express app, and the state that runService moves and `/ready` tells. */
export type ServiceApp = Express & { readonly lifecycle: Lifecycle };

/** The HTTP server of a service: its routes, those for the sidecar, health, metrics and documentation. */
export function createServiceApp(options: ServiceAppOptions): ServiceApp {
  const { logger, registry, authenticator, requestTimeoutMs = 30_000 } = options;
  const errorFormats = options.errorFormats ?? [];
  const lifecycle = createLifecycle();
  collectDefaultMetrics({ register: registry });
  const app = express();
  // One spelling for each path: what the gateway blocks must not be reachable by another case or slash.
  for (const setting of ['case sensitive routing', 'strict routing']) app.enable(setting);
  for (const setting of ['x-powered-by', 'etag', 'query parser']) app.disable(setting);
  const log = requestLog(logger, registry);
  const admission = createAdmissions(options);
  const { daprRoutes = [] } = options;
  const redeliveries = createRedeliveries({ registry });
  const health: HealthSource = {
    ready: () => options.health.ready(),
    stack: async () => ({
      ...(await options.health.stack()),
      ...(daprRoutes.length > 0 && { deliveries: redeliveries.health() }),
    }),
  };
  const routes = [...options.routes, ...healthRoutes({ ...options, health, lifecycle })];
  routes.push(...documentRoutes(options, routes, errorFormats));
  const { queueRefusal } = options;
  const refusing = { queueRefusal, onRefused: log.refused };
  app.use(shedding({ admission, routes, daprRoutes, errorFormats, ...refusing }));
  app.use(requestScope({ lifecycle, headers: securityHeaders(), atEnd: log.ended }));
  mount(app, routes, { authenticator, logger, lifecycle, requestTimeoutMs, admission });
  serveDaprRoutes(app, daprRoutes, { authenticator, logger, registry, redeliveries });
  app.use(unknownPath, errorHandler(logger, errorFormats));
  return Object.assign(app, { lifecycle });
}

/** Most requests at work of routes that have queues of their own. */
const maxQueued = 1000;

function createAdmissions({
  registry,
  maxRequests = 200,
  upstreamWait = () => 0,
}: ServiceAppOptions): Admissions {
  const loop = createLoopWait();
  const timed = createAdmission({ most: maxRequests, waits: { loop, upstream: upstreamWait } });
  const queued = createAdmission({ most: maxQueued, waits: { loop, upstream: () => 0 } });
  observeAdmission(registry, { timed, queued });
  const isLongTurn = {
    timed: createLongTurn(loop, longTurns.many),
    queued: createLongTurn(loop, longTurns.few),
  };
  return { timed, queued, isLongTurn, isBusyLoop: createBusyLoop() };
}

function mount(app: Express, routes: readonly Route[], options: ServeOptions): void {
  const methodsByPath = new Map<string, string[]>();
  for (const route of routes) {
    app[route.method](expressPath(route.path), serveRoute(route, options));
    methodsByPath.set(route.path, [...(methodsByPath.get(route.path) ?? []), route.method]);
  }
  for (const [path, methods] of methodsByPath) {
    app.all(expressPath(path), methodNotAllowed(path, methods));
  }
}

function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Responses are data: nothing may execute or frame them, and no cache may store them. */
function securityHeaders(): ReadonlyMap<string, string> {
  const headers = new Map([['Cache-Control', 'no-store']]);
  // Helmet's headers are the same for every response: they are computed once.
  const take = { setHeader: (name: string, value: string) => headers.set(name, value) };
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false, // TLS ends at the gateway, which alone can promise it
    // Covered by the policy above, or obsolete.
    originAgentCluster: false,
    crossOriginOpenerPolicy: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  const nobody = null as unknown as express.Request;
  protect(nobody, take as unknown as express.Response, (error) => {
    if (error !== undefined) throw error as Error;
  });
  return headers;
}

function documentRoutes(
  { name, version, description = '' }: ServiceAppOptions,
  routes: readonly Route[],
  errorFormats: readonly ErrorFormat[],
): Route[] {
  const document = openApiDocument({ name, version, description, routes, errorFormats });
  return [
    defineRawRoute({
      method: 'get',
      permission: 'public',
      path: '/openapi.json',
      summary: 'This description, for machines',
      produces: 'application/json',
      handler: (_context, _request, response) => void response.json(document),
    }),
    ...docsRoutes(`${name} ${version}`),
  ];
}
