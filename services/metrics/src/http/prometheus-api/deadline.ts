import { ApiError } from '@bud-monitoring/service-kit';

/**
 * The caller's signal, also aborted with a 504 after `ms`. Call `done` once a response has begun: the
 * deadline is off then.
 */
export function withDeadline(
  caller: AbortSignal,
  ms: number,
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort(caller.reason);
  if (caller.aborted) abort();
  else caller.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(() => {
    controller.abort(
      new ApiError('GatewayTimeoutError', `No answer within ${ms / 1000} s; ask for less at once`),
    );
  }, ms);
  return { signal: controller.signal, done: () => clearTimeout(timer) };
}
