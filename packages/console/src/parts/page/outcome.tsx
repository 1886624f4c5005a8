import './outcome.css';
import { ErrorNotice } from './state';
import type { Outcome } from '../hooks/use-action';

/** Says what became of an action. Its place is there before, so that screen readers tell it. */
export function OutcomeNotice({ outcome }: { outcome: Outcome | null }) {
  return (
    <div role="status">
      {outcome?.error && <ErrorNotice error={outcome.error} />}
      {outcome?.done !== undefined && <p class="notice notice-done">{outcome.done}</p>}
    </div>
  );
}
