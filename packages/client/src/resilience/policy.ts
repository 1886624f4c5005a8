import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';

import { sleep, systemClock as clock } from '../clock.js';
import { currentContext } from '../context.js';
import { abortError, startDeadline, untilAborted, type Deadline } from './deadline.js';
import { UpstreamError, type Upstream } from '../errors.js';
import { backoffMs, isBreakerFailure, isRetryable } from './retry.js';

export type CircuitBreakerState = 'closed' | 'open' | 'half_open';

export interface ResiliencePolicyOptions {
  /** The upstream; errors of the policy carry it. */
  name: Upstream;
  /** Most attempts, the first included. Default 3. */
  attempts?: number;
  /** Milliseconds that all attempts and waits together may take. Default 10 000. */
  deadlineMs?: number;
  /** Opens after `failures` failed attempts in a row; half-open after the cool-down. Default 5, 10 000. */
  breaker?: { failures: number; cooldownMs: number };
  onStateChange?: ((name: Upstream, state: CircuitBreakerState) => void) | undefined;
  /** Source of the jitter, 0 to 1. */
  random?: (() => number) | undefined;
}

export interface ExecuteOptions {
  /** Instead of the signal of the current context. */
  signal?: AbortSignal | undefined;
  /** `false` for what is not idempotent: one attempt, still within deadline and breaker. */
  retry?: boolean | undefined;
}

/** Retry, circuit breaker and deadline around the calls of one upstream: the only place that does so. */
export interface ResiliencePolicy {
  /**
   * Runs `fn` until it succeeds, fails permanently, or the deadline has passed; `fn` gets a signal to
   * obey and the milliseconds left. Throws the last error of `fn`, or an `UpstreamError` of the
   * policy's own (`timeout`, `cancelled`, `circuit_open`).
   */
  execute<T>(
    fn: (signal: AbortSignal, remainingMs: number) => Promise<T>,
    options?: ExecuteOptions,
  ): Promise<T>;
  readonly state: CircuitBreakerState;
}

const states: Record<CircuitState, CircuitBreakerState> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/** The policy of one upstream; its circuit breaker counts over all calls that go through it. */
export function createResiliencePolicy(options: ResiliencePolicyOptions): ResiliencePolicy {
  const { name, attempts = 3, deadlineMs = 10_000, onStateChange } = options;
  const { failures, cooldownMs } = options.breaker ?? { failures: 5, cooldownMs: 10_000 };
  const { random = Math.random } = options;
  const breaker = circuitBreaker(handleWhen(isBreakerFailure), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: cooldownMs,
  });
  let openedAt = 0;
  breaker.onStateChange((state) => {
    if (state === CircuitState.Open) openedAt = clock.now();
    onStateChange?.(name, states[state]);
  });

  const circuitOpen = () =>
    new UpstreamError({
      upstream: name,
      code: 'circuit_open',
      retryAfterSeconds: Math.max(1, Math.ceil((openedAt + cooldownMs - clock.now()) / 1_000)),
    });

  /** One attempt through the breaker. */
  async function attempt<T>(
    fn: (signal: AbortSignal, remainingMs: number) => Promise<T>,
    signals: { call: AbortSignal; deadline: () => AbortSignal },
    remainingMs: number,
  ): Promise<T> {
    const outcome = await breaker.execute(async () => {
      // The probe of a half-open breaker is not cancelled with its caller: its outcome counts for all.
      const signal = breaker.state === CircuitState.Closed ? signals.call : signals.deadline();
      // The caller left while another's probe ran: says nothing about the upstream.
      if (signal.aborted) throw new UpstreamError({ upstream: name, code: 'cancelled' });
      return fn(signal, remainingMs).then(
        (value) => ({ value }),
        (error: unknown) => {
          // A refused request shows that the upstream is alive, and ends a row of failures.
          if (
            error instanceof UpstreamError &&
            error.code !== 'cancelled' &&
            !isBreakerFailure(error)
          ) {
            return { error };
          }
          throw error;
        },
      );
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  return {
    get state() {
      return states[breaker.state];
    },
    async execute(fn, { signal: given, retry = true } = {}) {
      const caller = given ?? currentContext()?.signal;
      const end = clock.now() + deadlineMs;
      const call = startDeadline(name, deadlineMs, caller);
      let probeDeadline: Deadline | undefined;
      const deadline = () => (probeDeadline ??= startDeadline(name, end - clock.now())).signal;
      const signals = { call: call.signal, deadline };

      const attemptUntilDone = async () => {
        for (let tried = 1, last: UpstreamError | undefined; ; tried += 1) {
          if (call.signal.aborted) throw abortError(name, call.signal);
          try {
            return await attempt(fn, signals, end - clock.now());
          } catch (error) {
            if (error instanceof BrokenCircuitError) throw last ?? circuitOpen();
            const repeat = error instanceof UpstreamError && isRetryable(error);
            if (!repeat || !retry || tried >= attempts) throw error;
            const waitMs = backoffMs(tried, error, random);
            if (clock.now() + waitMs >= end) throw error;
            await sleep(waitMs, signals.call);
            last = error;
          } finally {
            probeDeadline?.done();
            probeDeadline = undefined;
          }
        }
      };
      try {
        return await untilAborted(attemptUntilDone(), name, call.signal);
      } finally {
        call.done();
      }
    },
  };
}
