import type { ClusterMetrics } from '@bud-monitoring/contracts';
import { Time } from '../../../parts/values/time';
import { Warnings } from '../../../parts/page/warnings';
import { Cards } from './cards';
import { Inference } from './inference';
import { Trends } from './trends';

/** The cluster in figures, and how they came to be. `series`: the newest answer that has series. */
export function OverviewTab(props: { metrics: ClusterMetrics; series: ClusterMetrics | null }) {
  const { metrics, series } = props;
  const { window, cluster_summary: summary } = metrics;
  return (
    <>
      <Warnings warnings={metrics.warnings} />
      <Cards metrics={metrics} />
      <p class="window-note">
        Figures of <Time at={window.end} />, changes against <Time at={window.previous.start} /> to{' '}
        <Time at={window.previous.end} />
      </p>
      {series && <Trends metrics={series} />}
      {summary.inference && <Inference inference={summary.inference} />}
    </>
  );
}
