import { ApiError } from '@bud-monitoring/browser';
import { useCallback, useEffect, useState } from 'preact/hooks';

/** What became of a request so far. Data of before stays beside an error, or while it is asked again. */
export interface Request<Data> {
  data: Data | null;
  /** When the data came, Unix seconds; 0 before. */
  at: number;
  error: ApiError | null;
  /** Whether an answer is awaited. */
  loading: boolean;
  /** Asks again now. */
  reload: () => void;
}

interface Options {
  /** Asks again so long after an answer while the page is seen, ms; never unless told. */
  refreshMs?: number;
}

/** What came of a question, and of which. */
interface Answered<Data> {
  of: unknown;
  data: Data | null;
  at: number;
  error: ApiError | null;
}
const nothing = { data: null, at: 0, error: null };

/** What each failure that may pass is waited for unless the API says how long, ms. */
const RETRY_MS = 15_000;

/**
 * Asks once what `load` asks (null: nothing yet), again whenever `load` is another function (memoize it), after the refresh time, and
 * after a failure that may pass: then not before the API's `Retry-After`.
 */
export function useRequest<Data>(
  load: ((signal: AbortSignal) => Promise<Data>) | null,
  { refreshMs }: Options = {},
): Request<Data> {
  const [state, setState] = useState<Answered<Data>>({ of: load, ...nothing });
  const [loading, setLoading] = useState(true);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    if (!load) return;
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (ms: number | undefined) => {
      if (ms !== undefined) timer = setTimeout(() => whenSeen(reload, signal), ms);
    };
    setLoading(true);
    load(signal).then(
      (data) => {
        if (signal.aborted) return;
        setState({ of: load, data, at: Date.now() / 1000, error: null });
        setLoading(false);
        again(refreshMs);
      },
      (reason: unknown) => {
        if (signal.aborted) return;
        const error = asApiError(reason);
        setState((before) => ({
          ...(before.of === load ? before : { of: load, ...nothing }),
          error,
        }));
        setLoading(false);
        again(waitAfter(error));
      },
    );
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [load, refreshMs, reload, round]);

  // What belongs to another question is no answer to this one.
  const { data, at, error } = state.of === load ? state : nothing;
  return { data, at, error, loading, reload };
}

/** How long to wait before the next try, ms; undefined where trying again mends nothing. */
export function waitAfter({ code, retryAfterSeconds }: ApiError): number | undefined {
  if (retryAfterSeconds !== null) return Math.max(1, retryAfterSeconds) * 1000;
  return code === 0 || code === 429 || code >= 500 ? RETRY_MS : undefined;
}

/** An error as the API's; one of our own code as one without an answer. */
export function asApiError(reason: unknown): ApiError {
  if (reason instanceof ApiError) return reason;
  const message = reason instanceof Error ? reason.message : String(reason);
  return new ApiError({ code: 0, type: 'InvalidAnswerError', message }, { cause: reason });
}

/** At once, or when the page is looked at again. */
function whenSeen(act: () => void, signal: AbortSignal): void {
  if (!document.hidden) act();
  else document.addEventListener('visibilitychange', act, { once: true, signal });
}
