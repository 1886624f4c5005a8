import type { Response } from 'express';
import type { Route } from '../http/route.js';
import { scopeOf } from '../http/request/request-scope.js';
import type { Logger } from '../log/logger.js';

/**
 * Writes one audit line when the answer has ended, whoever ended it; of a stream, which may last for
 * hours, as soon as its status is known. `clusterId` is `*` for routes over the whole fleet, null for
 * a malformed id.
 */
export function auditAccess(
  logger: Logger,
  route: Route,
  clusterId: string | null,
  response: Response,
): void {
  const scope = scopeOf(response);
  scope.audit = (status) => {
    scope.audit = undefined;
    logger.info('cluster access', {
      audit: true,
      subject: scope.caller?.subject ?? null,
      callerKind: scope.caller?.kind ?? null,
      action: `${route.method.toUpperCase()} ${route.path}`,
      permission: route.permission,
      clusterId,
      outcome: outcomeOf(status),
      status,
    });
  };
  // Not for every answer: a method that only one object has makes all use of that object slow.
  if (route.produces !== 'text/event-stream') return;
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => Response;
  response.writeHead = (status: number, ...rest: unknown[]) => {
    scope.audit?.(status);
    return writeHead(status, ...rest);
  };
}

function outcomeOf(status: number): 'allowed' | 'denied' | 'failed' {
  if (status < 400) return 'allowed';
  return status === 401 || status === 403 ? 'denied' : 'failed';
}
