import type { ClusterMetrics, MetricName } from '@bud-monitoring/contracts';
import type { Unit } from '../../../format/figure';
import { Chart } from '../../../parts/chart/chart';
import { pointsOf } from '../../../parts/chart/points';

interface Trend {
  title: string;
  unit: Unit;
  series: readonly (readonly [metric: MetricName, name: string])[];
}

const trends: readonly Trend[] = [
  { title: 'CPU', unit: 'percent', series: [['cpu', 'CPU']] },
  { title: 'Memory', unit: 'percent', series: [['memory', 'Memory']] },
  { title: 'Storage', unit: 'percent', series: [['storage', 'Storage']] },
  {
    title: 'Network',
    unit: 'mbps',
    series: [
      ['network_in', 'in'],
      ['network_out', 'out'],
    ],
  },
  { title: 'Power', unit: 'watts', series: [['power', 'Power']] },
  { title: 'GPUs', unit: 'percent', series: [['gpu', 'GPUs']] },
];

/** How the cluster's figures went over the window. */
export function Trends({ metrics }: { metrics: ClusterMetrics }) {
  const { cluster_summary: summary, window } = metrics;
  const range = { from: window.start, to: window.end };
  return (
    <section class="trends" aria-label="Trends">
      {trends.map(({ title, unit, series }) => {
        const known = series.filter(([metric]) => summary[metric]?.time_series !== undefined);
        if (known.length === 0) return null;
        const lines = known.map(([metric, name]) => ({
          name,
          points: pointsOf(summary[metric]?.time_series),
        }));
        return <Chart key={title} title={title} unit={unit} series={lines} range={range} />;
      })}
    </section>
  );
}
