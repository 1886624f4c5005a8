import { formatFigure, formatNumber } from '../../format/figure';
import { timeTicks, valueTicks } from '../../format/ticks';
import { useZone } from '../values/zone';
import { areaOf, lineOf, nearest, runsOf, scaleOf, type Frame, type Scale } from './geometry';
import type { ChartProps, Series } from './types';

const HEIGHT = 172;

interface Props extends ChartProps {
  width: number;
  /** The largest value, and what values are multiplied by for the labels of the axis. */
  largest: number;
  factor: number;
  /** The place of the chosen moment; null for none. */
  chosen: number | null;
  choose: (place: number | null) => void;
}

/** Axes, lines and the chosen moment of a chart. */
export function Plot(props: Props) {
  const { title, unit, series, range, width, largest, factor, chosen, choose } = props;
  const { zone } = useZone();
  const ticks = valueTicks(unit === 'percent' ? 100 : largest * factor, 4);
  const frame: Frame = { left: 44, right: width - 6, top: 8, bottom: HEIGHT - 22 };
  const scale = scaleOf(frame, range, (ticks.at(-1) ?? 1) / factor);
  const moments = series[0]?.points ?? [];
  const at = chosen === null ? undefined : moments[chosen]?.at;

  const choosePointed = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const share = (x - frame.left) / (frame.right - frame.left);
    choose(nearest(moments, range.from + share * (range.to - range.from)));
  };
  const chooseByKey = (event: KeyboardEvent) => {
    const places: Record<string, number> = {
      ArrowLeft: (chosen ?? moments.length) - 1,
      ArrowRight: (chosen ?? -1) + 1,
      Home: 0,
      End: moments.length - 1,
    };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    choose(Math.min(moments.length - 1, Math.max(0, place)));
  };

  return (
    <svg
      width={width}
      height={HEIGHT}
      role="img"
      tabIndex={0}
      aria-label={`${title}: ${series.map((one) => summaryOf(one, unit)).join('; ')}. Arrow keys read single values.`}
      onPointerMove={choosePointed}
      onPointerLeave={() => choose(null)}
      onBlur={() => choose(null)}
      onKeyDown={chooseByKey}
    >
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            class="chart-grid"
            x1={frame.left}
            x2={frame.right}
            {...level(scale, tick / factor)}
          />
          <text
            class="chart-label chart-label-value"
            x={frame.left - 7}
            y={scale.y(tick / factor) + 4}
          >
            {formatNumber(tick)}
          </text>
        </g>
      ))}
      {timeTicks(range, zone, Math.max(2, Math.floor(width / 84))).map((tick) => (
        <text
          key={tick.at}
          class={`chart-label ${scale.x(tick.at) > frame.right - 24 ? 'chart-label-last' : 'chart-label-time'}`}
          x={scale.x(tick.at)}
          y={HEIGHT - 5}
        >
          {tick.label}
        </text>
      ))}
      <Lines series={series} scale={scale} frame={frame} />
      {at !== undefined && (
        <line
          class="chart-cross"
          x1={scale.x(at)}
          x2={scale.x(at)}
          y1={frame.top}
          y2={frame.bottom}
        />
      )}
      {series.map(({ name, points }, place) => {
        const point = chosen === null ? undefined : points[chosen];
        if (typeof point?.value !== 'number') return null;
        const dot = { cx: scale.x(point.at), cy: scale.y(point.value), r: 3.5 };
        return <circle key={name} class={`chart-dot chart-dot-${place + 1}`} {...dot} />;
      })}
    </svg>
  );
}

const level = ({ y }: Scale, value: number) => ({ y1: y(value), y2: y(value) });

function Lines(props: { series: readonly Series[]; scale: Scale; frame: Frame }) {
  const { series, scale, frame } = props;
  return (
    <>
      {series.map(({ name, points }, place) => {
        const runs = runsOf(points);
        return (
          <g key={name}>
            {series.length === 1 && (
              <path class="chart-area" d={runs.map((run) => areaOf(run, scale, frame)).join('')} />
            )}
            <path
              class={`chart-line chart-line-${place + 1}`}
              d={runs.map((run) => lineOf(run, scale)).join('')}
            />
          </g>
        );
      })}
    </>
  );
}

/** A series in a sentence, for those who do not see it. */
function summaryOf({ name, points }: Series, unit: ChartProps['unit']): string {
  const values = points.flatMap(({ value }) => value ?? []);
  const last = points.findLast(({ value }) => value !== null)?.value;
  if (last === undefined || last === null) return `${name} without data`;
  const text = (value: number) => {
    const { number, unit: own } = formatFigure(value, unit);
    return `${number} ${own}`.trim();
  };
  return `${name} last ${text(last)}, from ${text(Math.min(...values))} to ${text(Math.max(...values))}`;
}
