import { ApiError, type RouteContext } from '@bud-monitoring/service-kit';

/** Aborts a request with a 504 after `ms`; gives what calls that off, once a response has begun. */
export function startDeadline(context: Pick<RouteContext, 'abort'>, ms: number): () => void {
  const timer = setTimeout(() => {
    context.abort(
      new ApiError('GatewayTimeoutError', `No answer within ${ms / 1000} s; ask for less at once`),
    );
  }, ms);
  return () => clearTimeout(timer);
}
