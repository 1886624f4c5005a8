import type {
  ClusterMetrics,
  InferenceTrendName,
  MetricName,
  Summary,
  TimeSeries,
} from '@bud-monitoring/contracts';
import type { Unit } from '../../../format/figure';
import { Chart } from '../../../parts/chart/chart';
import { pointsOf } from '../../../parts/chart/points';

type Read = (summary: Summary) => TimeSeries | undefined;

interface Trend {
  title: string;
  unit: Unit;
  series: readonly (readonly [name: string, read: Read])[];
}

const of =
  (metric: MetricName): Read =>
  (summary) =>
    summary[metric]?.time_series;
const ofModels =
  (figure: InferenceTrendName): Read =>
  ({ inference }) =>
    inference?.trends[figure].time_series;

const trends: readonly Trend[] = [
  { title: 'CPU', unit: 'percent', series: [['CPU', of('cpu')]] },
  { title: 'Memory', unit: 'percent', series: [['Memory', of('memory')]] },
  { title: 'Storage', unit: 'percent', series: [['Storage', of('storage')]] },
  {
    title: 'Network',
    unit: 'mbps',
    series: [
      ['in', of('network_in')],
      ['out', of('network_out')],
    ],
  },
  { title: 'Power', unit: 'watts', series: [['Power', of('power')]] },
  { title: 'GPUs', unit: 'percent', series: [['GPUs', of('gpu')]] },
  {
    title: 'Requests at models',
    unit: 'count',
    series: [
      ['running', ofModels('requests_running')],
      ['waiting', ofModels('requests_waiting')],
    ],
  },
  {
    title: 'Tokens of models',
    unit: 'per_second',
    series: [
      ['in', ofModels('input_tokens_per_second')],
      ['out', ofModels('output_tokens_per_second')],
    ],
  },
];

/** How the cluster's figures went over the window. */
export function Trends({ metrics }: { metrics: ClusterMetrics }) {
  const { cluster_summary: summary, window } = metrics;
  const range = { from: window.start, to: window.end };
  return (
    <section class="trends" aria-label="Trends">
      {trends.map(({ title, unit, series }) => {
        const known = series.filter(([, read]) => read(summary) !== undefined);
        if (known.length === 0) return null;
        const lines = known.map(([name, read]) => ({ name, points: pointsOf(read(summary)) }));
        return <Chart key={title} title={title} unit={unit} series={lines} range={range} />;
      })}
    </section>
  );
}
