import { Status } from './status';
import { Ago } from './time';
import { useNow } from './use-now';
import type { StreamStatus } from './use-stream';

/** How new what is shown is, and whether it changes by itself. `at` in Unix seconds, 0 for not yet. */
export function Freshness({ at, stream }: { at: number; stream: StreamStatus }) {
  const now = useNow(5000);
  return (
    <p class="freshness">
      {stream.live ? (
        <Status tone="good">Live</Status>
      ) : (
        <Status tone="off">{stream.error ? 'Stream interrupted' : 'Connecting'}</Status>
      )}
      {at > 0 && (
        <span class="soft">
          updated <Ago at={at} now={now} />
        </span>
      )}
    </p>
  );
}
