import type { RequestHandler } from 'express';
import { Histogram, type Registry } from 'prom-client';
import { runInContext } from '@bud-monitoring/client';
import type { Logger } from '../log/logger.js';
import { scopeOf } from './request-scope.js';

/** Status that stands in log and metrics for a caller who hung up before the answer. */
const hungUp = 499;

/** Asked every few seconds by machines; logged only where someone debugs. */
const quietRoutes = new Set(['/health', '/ready', '/metrics']);

/** One log line and one observation for every request, once it is over. */
export function requestLog(logger: Logger, registry: Registry): RequestHandler {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, by route pattern.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const scope = scopeOf(response);
      const durationMs = Math.round(performance.now() - startedAt);
      const status = response.headersSent ? response.statusCode : hungUp;
      durations.observe(
        { route: scope.route, method: request.method, status: `${Math.floor(status / 100)}xx` },
        durationMs / 1000,
      );
      const level = quietRoutes.has(scope.route) ? 'debug' : 'info';
      runInContext(scope.context, () =>
        logger[level]('request handled', {
          method: request.method,
          route: scope.route,
          ...(scope.route === 'unmatched' && { path: request.path.slice(0, 200) }),
          status,
          durationMs,
          ...(!response.writableFinished && { cutOff: true }),
        }),
      );
    });
    next();
  };
}
