import { useState } from 'preact/hooks';
import { scaleOf as unitScaleOf } from '../../format/figure';
import './chart.css';
import { Plot } from './plot';
import { Readout } from './readout';
import type { ChartProps } from './types';
import { useWidth } from './use-width';
import { ValueTable } from './value-table';

/**
 * Series over time. Pointer or arrow keys choose a moment, whose values are told above; a table below, closed at
 * first, has all of them.
 */
export function Chart(props: ChartProps) {
  const { title, unit, series } = props;
  const [element, width] = useWidth();
  const [chosen, setChosen] = useState<number | null>(null);
  const largest = Math.max(
    0,
    ...series.flatMap(({ points }) => points.map(({ value }) => value ?? 0)),
  );
  const scale = unitScaleOf(largest, unit);
  const isEmpty = !series.some(({ points }) => points.some(({ value }) => value !== null));
  return (
    <figure class="chart">
      <figcaption class="chart-head">
        <h2>
          {title} <span class="soft">{scale[1]}</span>
        </h2>
        <Readout unit={unit} series={series} chosen={chosen} />
      </figcaption>
      <div class="chart-plot" ref={element}>
        {isEmpty ? (
          <p class="chart-empty">No data in this range</p>
        ) : (
          width > 0 && (
            <Plot {...props} {...{ width, largest, chosen }} factor={scale[0]} choose={setChosen} />
          )
        )}
      </div>
      {!isEmpty && <ValueTable title={title} unit={unit} series={series} />}
    </figure>
  );
}
