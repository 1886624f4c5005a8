import { fromWallTime, zoneName } from '../../format/time';
import { useZone } from '../../parts/values/zone';

/** Lets a public link end at a time of the zone that all times are shown in, or without an end again. */
export function Expiry(props: {
  busy: boolean;
  /** ISO 8601; null for no end. */
  endsAt: string | null;
  /** With Unix seconds, or null for no end. */
  onChoose: (expiresAt: number | null) => void;
}) {
  const { zone } = useZone();
  return (
    <form
      class="expiry"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get('until');
        if (typeof text === 'string') props.onChoose(Math.floor(fromWallTime(text, zone)));
      }}
    >
      <label>
        Let the link end at <input class="field" type="datetime-local" name="until" required />
      </label>
      <span class="soft">{zoneName(zone, Date.now() / 1000)}</span>
      <button class="button" disabled={props.busy}>
        Set
      </button>
      {props.endsAt !== null && (
        <button
          type="button"
          class="button"
          disabled={props.busy}
          onClick={() => props.onChoose(null)}
        >
          Without an end
        </button>
      )}
    </form>
  );
}
