import type { Request, Response } from 'express';
import { Histogram, type Registry } from 'prom-client';
import type { Logger } from '../../log/logger.js';
import { scopeOf } from './request-scope.js';

/** Status in log and metrics of a request whose caller hung up before the response. */
const hungUp = 499;

/** Polled every few seconds; logged at debug level only. */
const quietRoutes = new Set(['/health', '/ready', '/metrics']);

/** Logs one line and observes the duration of each request that has ended. */
export function requestLog(
  logger: Logger,
  registry: Registry,
): (request: Request, response: Response) => void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, by route pattern.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return (request, response) => {
    const { route, startedAt, audit } = scopeOf(response);
    const durationMs = Math.round(performance.now() - startedAt);
    const status = response.headersSent ? response.statusCode : hungUp;
    audit?.(hungUp);
    durations.observe(
      { route, method: request.method, status: `${Math.floor(status / 100)}xx` },
      durationMs / 1000,
    );
    const fields: Record<string, unknown> = { method: request.method, route, status, durationMs };
    if (route === 'unmatched') fields['path'] = request.path.slice(0, 200);
    if (!response.writableFinished) fields['cutOff'] = true;
    logger[quietRoutes.has(route) ? 'debug' : 'info']('request handled', fields);
  };
}
