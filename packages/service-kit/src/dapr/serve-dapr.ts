import { UpstreamError } from '@bud-monitoring/client';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { Counter, type Registry } from 'prom-client';
import type { Authenticator } from '../auth/authenticator.js';
import { ApiError } from '../http/errors/api-error.js';
import { methodNotAllowed } from '../http/errors/error-handler.js';
import { scopeOf } from '../http/request/request-scope.js';
import { runParser } from '../http/request/run-parser.js';
import type { Logger } from '../log/logger.js';
import { withBinaryAttributes } from './binary-event.js';
import type {
  CronContext,
  CronRoute,
  DaprRoute,
  DeliveryStatus,
  SubscriptionRoute,
} from './dapr-route.js';
import type { Redeliveries } from './redeliveries.js';

/** Above daprd's own limit of 4 MiB, so that its envelope around a full message fits. */
const deliveryLimit = 8 * 1024 * 1024;

interface ServeDaprOptions {
  authenticator: Authenticator;
  logger: Logger;
  registry: Registry;
  redeliveries: Redeliveries;
}

type Outcome = DeliveryStatus | 'FAILED';

/** Mounts what the sidecar calls: topics, cron bindings, and the (empty) list of subscriptions. */
export function serveDaprRoutes(
  app: Express,
  routes: readonly DaprRoute[],
  { authenticator, logger, registry, redeliveries }: ServeDaprOptions,
): void {
  const outcomes = new Counter({
    name: 'dapr_deliveries_total',
    help: 'Events and cron ticks by route and by what daprd was told; a cron tick can be FAILED.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  // Subscriptions are declarative (components/); daprd asks nevertheless.
  app.get('/dapr/subscribe', (_request, response) => {
    scopeOf(response).route = '/dapr/subscribe';
    response.json([]);
  });
  for (const route of routes) {
    const count = (status: Outcome) => outcomes.inc({ route: route.path, status });
    const serve =
      route.kind === 'cron'
        ? serveCron(route, logger, count)
        : serveTopic(route, logger, (status, text) => {
            count(status);
            redeliveries.record(route.path, text, status);
          });
    const served = app.route(route.path).all((_request, response, next) => {
      scopeOf(response).route = route.path;
      next();
    });
    served.post(guard(authenticator, logger, route.path), serve);
    // daprd sends OPTIONS to find out whether the app wants a binding.
    if (route.kind === 'cron')
      served.options((_request, response) => void response.status(204).end());
    served.all(methodNotAllowed(route.path, ['post']));
  }
}

/** Invocations reach these paths too, with a valid token: only the caller header tells them apart. */
function guard(authenticator: Authenticator, logger: Logger, route: string): RequestHandler {
  return (request, _response, next) => {
    if (!authenticator.isDelivery(request)) {
      const caller = request.headers['dapr-caller-app-id'] ?? null;
      logger.warn('delivery refused that did not come from the sidecar', { route, caller });
      throw ApiError.forbidden('Only the sidecar itself may deliver here');
    }
    next();
  };
}

function serveTopic(
  route: SubscriptionRoute,
  logger: Logger,
  record: (status: DeliveryStatus, text: string) => void,
): RequestHandler {
  return async (request, response) => {
    const { status, text } = await deliver(route, logger, request, response);
    record(status, text);
    response.json({ status });
  };
}

async function deliver(
  route: SubscriptionRoute,
  logger: Logger,
  request: Request,
  response: Response,
): Promise<{ status: DeliveryStatus; text: string }> {
  let text: string;
  try {
    text = await readText(request, response);
  } catch (error) {
    if (wasCutOff(error)) return { status: 'RETRY', text: '' };
    // Too large or in an unsupported encoding: a redelivery would be the same.
    logger.error('event dropped since its body cannot be read', { route: route.path, error });
    return { status: 'DROP', text: '' };
  }
  const { event: body, malformed } = eventOf(text);
  const event = withBinaryAttributes(body, request.headers);
  try {
    const context = { malformed, text, ...handlerContext(logger, response) };
    return { status: await route.handler(event, context), text };
  } catch (error) {
    logger.error('event handler failed', { route: route.path, error });
    return { status: error instanceof UpstreamError ? 'RETRY' : 'DROP', text };
  }
}

/** The connection broke while sending: the redelivery may be complete. */
function wasCutOff(error: unknown): boolean {
  const { type } = error as { type?: unknown };
  return type === 'request.aborted' || type === 'request.size.invalid';
}

const rawBody: RequestHandler = express.raw({ limit: deliveryLimit, type: () => true });

/** The body whatever its type: daprd sends application/cloudevents+json, JSON and raw payloads. */
async function readText(request: Request, response: Response): Promise<string> {
  await runParser(rawBody, request, response);
  return Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
}

function eventOf(text: string): { event: unknown; malformed: boolean } {
  try {
    return { event: JSON.parse(text) as unknown, malformed: false };
  } catch {
    return { event: text, malformed: true };
  }
}

function serveCron(
  route: CronRoute,
  logger: Logger,
  count: (status: Outcome) => void,
): RequestHandler {
  return async (_request, response) => {
    try {
      await route.handler(handlerContext(logger, response));
    } catch (error) {
      count('FAILED');
      throw error;
    }
    count('SUCCESS');
    response.json({});
  };
}

function handlerContext(logger: Logger, response: Response): CronContext {
  const { signal, requestId } = scopeOf(response);
  return { signal, logger, requestId };
}
