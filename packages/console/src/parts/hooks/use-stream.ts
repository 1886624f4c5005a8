import type { ApiError, StreamEvent } from '@bud-monitoring/browser';
import { useEffect, useState } from 'preact/hooks';
import { asApiError } from './use-request';

/** How a stream stands. */
export interface StreamStatus {
  /** Whether it brought something, and nothing has failed since. */
  live: boolean;
  error: ApiError | null;
}

const closed: StreamStatus = { live: false, error: null };

/**
 * Follows a stream and hands on what it brings. Memoize both functions; `open` null follows none. While the page is
 * not seen the stream is closed, as a browser has few connections for all its tabs.
 */
export function useStream<Data>(
  open: ((signal: AbortSignal) => AsyncIterable<StreamEvent<Data>>) | null,
  take: (data: Data) => void,
): StreamStatus {
  const [status, setStatus] = useState(closed);
  const seen = useSeen();
  useEffect(() => {
    setStatus(closed);
    if (!open || !seen) return;
    const controller = new AbortController();
    const follow = async () => {
      for await (const { data, error } of open(controller.signal)) {
        if (data !== undefined) take(data);
        setStatus({ live: !error, error: error ?? null });
      }
    };
    follow().catch((reason: unknown) => {
      if (!controller.signal.aborted) setStatus({ live: false, error: asApiError(reason) });
    });
    return () => controller.abort();
  }, [open, take, seen]);
  return status;
}

/** Whether the page is looked at. */
function useSeen(): boolean {
  const [seen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return seen;
}
