import type { Unit } from '../../format/figure';
import { formatTime, zoneName } from '../../format/time';
import { Figure } from '../values/figure';
import { useZone } from '../values/zone';
import type { Series } from './types';

/** The values of the chosen moment, else of the newest one. */
export function Readout(props: { unit: Unit; series: readonly Series[]; chosen: number | null }) {
  const { unit, series, chosen } = props;
  const { zone } = useZone();
  const at = chosen === null ? undefined : series[0]?.points[chosen]?.at;
  return (
    <p class="chart-readout" aria-live={chosen === null ? 'off' : 'polite'}>
      {at !== undefined && (
        <span class="soft">
          {formatTime(at, zone)} {zoneName(zone, at)}
        </span>
      )}
      {series.map(({ name, points }, place) => {
        const newest = points.findLast(({ value }) => value !== null);
        const value = chosen === null ? newest?.value : points[chosen]?.value;
        return (
          <span key={name} class="chart-value">
            {series.length > 1 && (
              <>
                <span class={`chart-key chart-key-${place + 1}`} /> {name}{' '}
              </>
            )}
            <Figure value={value} unit={unit} />
          </span>
        );
      })}
    </p>
  );
}
