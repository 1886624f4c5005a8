import { formatSpan, formatTime, zoneName } from '../../format/time';
import { Absent } from './figure';
import { useZone } from './zone';

/** A moment: Unix seconds, ISO 8601, or null where there was none. */
type Moment = number | string | null;

const secondsOf = (at: number | string) => (typeof at === 'number' ? at : Date.parse(at) / 1000);

/** A moment in the chosen zone, which is named beside it. */
export function Time({ at }: { at: Moment }) {
  const { zone } = useZone();
  if (at === null) return <Absent />;
  const seconds = secondsOf(at);
  return (
    <time dateTime={new Date(seconds * 1000).toISOString()}>
      {formatTime(seconds, zone)} <span class="soft">{zoneName(zone, seconds)}</span>
    </time>
  );
}

/** How long ago a moment was, the moment itself in the title. `now` in Unix seconds, for what is an answer's age. */
export function Ago({ at, now = Date.now() / 1000 }: { at: Moment; now?: number }) {
  const { zone } = useZone();
  if (at === null) return <Absent />;
  const seconds = secondsOf(at);
  return (
    <time
      dateTime={new Date(seconds * 1000).toISOString()}
      title={`${formatTime(seconds, zone)} ${zoneName(zone, seconds)}`}
    >
      {formatSpan(now - seconds)} ago
    </time>
  );
}
