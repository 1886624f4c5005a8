import type { Request, Response } from 'express';
import { Histogram, type Registry } from 'prom-client';
import type { Logger } from '../../log/logger.js';
import { scopeOf } from './request-scope.js';

/** Status in log and metrics of a request whose caller hung up before the response. */
const hungUp = 499;

/** Polled every few seconds; logged at debug level only. */
const quietRoutes = new Set(['/health', '/ready', '/metrics']);

/** Refusals without a line of their own are told together, at most this often (ms). */
const tellEveryMs = 1000;

/** What is written of requests. */
export interface RequestLog {
  /** Logs one line and observes the duration of a request that has ended. */
  readonly ended: (request: Request, response: Response) => void;
  /** Counts a request that was refused before anything was spent on it; the log has how many, each second. */
  readonly refused: (method: string, status: number) => void;
}

export function requestLog(logger: Logger, registry: Registry): RequestLog {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer, by route pattern.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  let untold = 0;
  const tell = () => {
    logger.warn('requests refused, since the service is busy', { requests: untold });
    untold = 0;
  };
  const refused = (method: string, status: number) => {
    durations.observe({ route: 'refused', method, status: classOf(status) }, 0);
    if (untold === 0) setTimeout(tell, tellEveryMs).unref();
    untold += 1;
  };
  const ended = (request: Request, response: Response) => {
    const { route, startedAt, audit } = scopeOf(response);
    const durationMs = Math.round(performance.now() - startedAt);
    const status = response.headersSent ? response.statusCode : hungUp;
    audit?.(status);
    durations.observe(
      { route, method: request.method, status: classOf(status) },
      durationMs / 1000,
    );
    const fields: Record<string, unknown> = { method: request.method, route, status, durationMs };
    if (route === 'unmatched') fields['path'] = request.path.slice(0, 200);
    if (!response.writableFinished) fields['cutOff'] = true;
    logger[quietRoutes.has(route) ? 'debug' : 'info']('request handled', fields);
  };
  return { ended, refused };
}

const classOf = (status: number) => `${Math.floor(status / 100)}xx`;
