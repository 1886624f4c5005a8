import { ApiError, type Caller, type RouteContext } from '@bud-monitoring/service-kit';
import type { Request, Response } from 'express';
import type { Clock } from '../../ports.js';
import { openEventStream, type EventStream } from '../response/event-stream.js';

/** Longest a stream lasts, ms; one by a token ends with it. */
const maxStreamMs = 3_600_000;

/**
 * Serves a stream until its caller leaves, its token ends or the service stops. `check` may refuse it before it
 * begins; `join` connects it, with the id of the last event that the caller has, and returns how to leave.
 */
export async function serveStream(
  { caller, stopping }: Pick<RouteContext, 'caller' | 'stopping'>,
  { request, response, clock }: { request: Request; response: Response; clock: Clock },
  steps: {
    check: () => Promise<void>;
    join: (stream: EventStream, lastId: string | undefined) => () => void;
  },
): Promise<void> {
  if (!wantsEvents(request.headers.accept)) {
    throw new ApiError(
      'NotAcceptableError',
      'This is a stream: ask with Accept: text/event-stream',
    );
  }
  await steps.check();
  if (response.destroyed) return;
  const stream = openEventStream(response);
  if (request.method === 'HEAD' || stopping.aborted) {
    stream.end();
    return;
  }
  const leave = steps.join(stream, request.get('last-event-id'));
  const end = () => stream.end();
  stopping.addEventListener('abort', end, { once: true });
  const limit = setTimeout(end, Math.min(maxStreamMs, untilExpiry(caller, clock)));
  await stream.over;
  clearTimeout(limit);
  stopping.removeEventListener('abort', end);
  leave();
}

const untilExpiry = ({ expiresAt }: Caller, clock: Clock): number =>
  expiresAt === null ? maxStreamMs : Math.max(0, expiresAt - clock.now());

function wantsEvents(accept = ''): boolean {
  return accept.split(',').some((type) => /^\s*text\/event-stream\s*(;|$)/i.test(type));
}
