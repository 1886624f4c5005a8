import { formatFigure, formatChange, type Unit } from '../../format/figure';
import './figure.css';

/**
 * A figure with its unit, its exact value in the title; a dash where there is none. `bare` leaves the unit to the head
 * of the column.
 */
export function Figure(props: { value: number | null | undefined; unit: Unit; bare?: boolean }) {
  const { value, unit, bare = false } = props;
  if (value === null || value === undefined) return <Absent />;
  const { number, unit: name, exact } = formatFigure(value, unit, { scaled: !bare });
  return (
    <span class="figure" title={exact}>
      {number}
      {name !== '' && !bare && <span class="figure-unit"> {name}</span>}
    </span>
  );
}

/** What is not known: not zero, and not nothing. */
export function Absent() {
  return (
    <span class="absent" title="No data">
      <span aria-hidden="true">—</span>
      <span class="visually-hidden">no data</span>
    </span>
  );
}

/** What has not been told yet, which may become a figure or be absent. */
export function Awaited() {
  return (
    <span class="absent" title="Not told yet">
      <span aria-hidden="true">…</span>
      <span class="visually-hidden">not told yet</span>
    </span>
  );
}

/** A share of 100 with a bar. Its column head, or `unit`, says that it is percent. */
export function Share({ percent, unit = false }: { percent: number | null; unit?: boolean }) {
  if (percent === null) return <Absent />;
  const { number, exact } = formatFigure(percent, 'percent');
  const width = Math.min(100, Math.max(0, percent));
  return (
    <span class="share" title={exact}>
      <svg class="share-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="share-track" width="100" height="6" />
        <rect class={`share-fill share-${levelOf(percent)}`} width={width} height="6" />
      </svg>
      <span class="share-number">
        {number}
        {unit && <span class="figure-unit"> %</span>}
      </span>
    </span>
  );
}

/** How full, for its colour alone: what is too full the alerts decide. */
const levelOf = (percent: number) => (percent >= 90 ? 'full' : percent >= 75 ? 'high' : 'low');

/** The change against the window before, in percentage points or percent. */
export function Change({ value, points }: { value: number | null; points: boolean }) {
  if (value === null) return null;
  return (
    <span class="change">
      {formatChange(value)} {points ? 'points' : '%'}
    </span>
  );
}
