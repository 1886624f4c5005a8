import { Status } from './status';
import { Ago } from './time';
import { useNow } from '../hooks/use-now';
import type { StreamStatus } from '../hooks/use-stream';

/**
 * How new what is shown is, and whether it changes by itself. `at` in Unix seconds, 0 for not yet; `stream` null for
 * what has an end.
 */
export function Freshness({ at, stream }: { at: number; stream: StreamStatus | null }) {
  const now = useNow(5000);
  return (
    <p class="freshness">
      {stream && <StreamState {...stream} />}
      {at > 0 && (
        <span class="soft">
          updated <Ago at={at} now={now} />
        </span>
      )}
    </p>
  );
}

function StreamState({ live, error }: StreamStatus) {
  if (live) return <Status tone="good">Live</Status>;
  return <Status tone="off">{error ? 'Live updates interrupted' : 'Connecting'}</Status>;
}
