import { useState } from 'preact/hooks';
import type { Unit } from '../../format/figure';
import { Figure } from '../values/figure';
import { Time } from '../values/time';
import type { Series } from './types';

/** All values of a chart as a table; made when it is opened. */
export function ValueTable(props: { title: string; unit: Unit; series: readonly Series[] }) {
  const { title, unit, series } = props;
  const [open, setOpen] = useState(false);
  return (
    <details class="chart-values" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Values<span class="visually-hidden"> of {title} as a table</span>
      </summary>
      {open && (
        <div
          class="chart-values-scroll"
          tabIndex={0}
          role="region"
          aria-label={`Values of ${title}`}
        >
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {series[0]?.points.map(({ at }, place) => (
                <tr key={at}>
                  <td>
                    <Time at={at} />
                  </td>
                  {series.map(({ name, points }) => (
                    <td key={name}>
                      <Figure value={points[place]?.value} unit={unit} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
