import type { ApiError } from '@bud-monitoring/browser';
import { useState } from 'preact/hooks';
import { asApiError } from './use-request';

/** What became of the last thing that somebody did here. */
export type Outcome = { done: string; error?: undefined } | { done?: undefined; error: ApiError };

export interface Action {
  /** While something is being done: nothing else is meanwhile. */
  busy: boolean;
  /** Null before anything was done. */
  outcome: Outcome | null;
  /** Does it, and notes the sentence that it resolves with, or its error. Resolves with whether it was done. */
  act: (work: () => Promise<string>) => Promise<boolean>;
}

/** One thing at a time that a person asks for. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const act = async (work: () => Promise<string>) => {
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome({ done: await work() });
      return true;
    } catch (reason) {
      setOutcome({ error: asApiError(reason) });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, outcome, act };
}
