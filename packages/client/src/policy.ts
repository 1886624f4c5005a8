import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
} from 'cockatiel';

import { sleep, systemClock as clock } from './clock.js';
import { currentContext } from './context.js';
import { abortError, startDeadline, untilAborted, type Deadline } from './deadline.js';
import { UpstreamError, type Upstream } from './errors.js';

export type PolicyState = 'closed' | 'open' | 'half_open';

export interface PolicyOptions {
  /** The neighbour; errors of the policy carry it. */
  name: Upstream;
  /** Tries at most, the first included. Default 3. */
  attempts?: number;
  /** Milliseconds all tries and waits together may take. Default 10 000. */
  deadlineMs?: number;
  /** Opens after so many failed tries in a row; lets one through after the cool-down. Default 5, 10 000. */
  breaker?: { failures: number; cooldownMs: number };
  onStateChange?: ((name: Upstream, state: PolicyState) => void) | undefined;
  /** Source of the jitter, 0 to 1. */
  random?: (() => number) | undefined;
}

export interface ExecuteOptions {
  /** Instead of the signal of the current context. */
  signal?: AbortSignal | undefined;
  /** `false` for what must not be repeated blindly: one try, still within deadline and breaker. */
  retry?: boolean | undefined;
}

/** Retries, breaker and deadline around the calls of one neighbour: the only place that does so. */
export interface Policy {
  /**
   * Runs `fn` until it succeeds, fails for good, or the deadline has passed; `fn` gets a signal to
   * obey and the milliseconds left. Throws the last error of `fn`, or an `UpstreamError` of the
   * policy's own (`timeout`, `cancelled`, `circuit_open`).
   */
  execute<T>(
    fn: (signal: AbortSignal, remainingMs: number) => Promise<T>,
    options?: ExecuteOptions,
  ): Promise<T>;
  readonly state: PolicyState;
}

const states: Record<CircuitState, PolicyState> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

const firstWaitMs = 100;
const longestWaitMs = 2_000;
/** A neighbour that asks for more patience than this gets it from our caller, not from us. */
const longestRetryAfterMs = 5_000;

/** Makes the policy of one neighbour; its breaker counts over all calls that go through it. */
export function createPolicy(options: PolicyOptions): Policy {
  const { name, attempts = 3, deadlineMs = 10_000, onStateChange } = options;
  const { failures, cooldownMs } = options.breaker ?? { failures: 5, cooldownMs: 10_000 };
  const { random = Math.random } = options;
  const breaker = circuitBreaker(handleWhen(isFailure), {
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

  /** One try through the breaker. */
  async function attempt<T>(
    fn: (signal: AbortSignal, remainingMs: number) => Promise<T>,
    signals: { call: AbortSignal; deadline: () => AbortSignal },
    remainingMs: number,
  ): Promise<T> {
    const outcome = await breaker.execute(async () => {
      // The probe of an open breaker is not cancelled with its caller: its outcome is for everybody.
      const signal = breaker.state === CircuitState.Closed ? signals.call : signals.deadline();
      // Waited for someone else's probe until nobody waits any more: says nothing about the neighbour.
      if (signal.aborted) throw new UpstreamError({ upstream: name, code: 'cancelled' });
      return fn(signal, remainingMs).then(
        (value) => ({ value }),
        (error: unknown) => {
          // "It is your request" shows that the neighbour is alive, and ends a row of failures.
          if (error instanceof UpstreamError && error.code !== 'cancelled' && !isFailure(error)) {
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
      let alone: Deadline | undefined;
      const deadline = () => (alone ??= startDeadline(name, end - clock.now())).signal;
      const signals = { call: call.signal, deadline };

      const tries = async () => {
        for (let tried = 1, last: UpstreamError | undefined; ; tried += 1) {
          if (call.signal.aborted) throw abortError(name, call.signal);
          try {
            return await attempt(fn, signals, end - clock.now());
          } catch (error) {
            if (error instanceof BrokenCircuitError) throw last ?? circuitOpen();
            const repeat = error instanceof UpstreamError && isRetryable(error);
            if (!repeat || !retry || tried >= attempts) throw error;
            const waitMs = waitBefore(tried, error, random);
            if (clock.now() + waitMs >= end) throw error;
            await sleep(waitMs, signals.call);
            last = error;
          } finally {
            alone?.done();
            alone = undefined;
          }
        }
      };
      try {
        return await untilAborted(tries(), name, call.signal);
      } finally {
        call.done();
      }
    },
  };
}

/** Worth another try: the neighbour was away or overloaded, as far as one can tell from outside. */
function isRetryable(error: UpstreamError): boolean {
  if (error.code === 'unreachable' || error.code === 'too_many_requests') return true;
  // A store that gave up on a query itself (503) would give up again.
  if (error.code === 'timeout') return error.status === undefined || error.status === 504;
  return error.code === 'bad_answer' && error.status === 502;
}

/** Counts towards opening the breaker. */
function isFailure(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || error.code === 'too_many_requests') return false;
  return isRetryable(error) || (error.code === 'bad_answer' && (error.status ?? 0) >= 500);
}

/** Doubling, with half of it left to chance; never less than the neighbour asks for. */
function waitBefore(tried: number, error: UpstreamError, random: () => number): number {
  const backoff = Math.min(longestWaitMs, firstWaitMs * 2 ** (tried - 1)) * (0.5 + random() / 2);
  const askedMs = (error.retryAfterSeconds ?? 0) * 1_000;
  // Longer than we wait: infinity is past every deadline, so the caller hears of it at once.
  return askedMs > longestRetryAfterMs ? Infinity : Math.max(backoff, askedMs);
}
