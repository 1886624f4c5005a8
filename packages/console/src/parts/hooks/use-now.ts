import { useEffect, useState } from 'preact/hooks';

/** The time, Unix seconds, anew every so many ms: what tells an age by it stays true. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
