import type { ClusterMetrics, MetricFields, NodeEntry } from '@bud-monitoring/contracts';
import { formatSpan } from '../../format/time';
import { Chart } from '../../parts/chart/chart';
import { pointsOf } from '../../parts/chart/points';
import { Absent, Figure } from '../../parts/values/figure';
import { Empty } from '../../parts/page/state';
import { Table, type Column } from '../../parts/table/table';
import { Warnings } from '../../parts/page/warnings';
import { nameOf } from './nodes/node-rows';

/** What the nodes draw, and what that figure is worth. `series`: the newest answer that has series. */
export function PowerTab(props: { metrics: ClusterMetrics; series: ClusterMetrics | null }) {
  const { metrics, series } = props;
  const total = metrics.cluster_summary.power;
  const watts = series?.cluster_summary.power?.time_series;
  const nodes = Object.values(metrics.nodes);
  return (
    <>
      <Warnings warnings={metrics.warnings.filter(({ metric }) => metric === 'power')} />
      {!total || nodes.every(({ power }) => (power?.total_kwh ?? null) === null) ? (
        <Empty>No node tells its power in this range: neither Kepler nor RAPL has a sample.</Empty>
      ) : (
        <>
          <p class="window-note">
            All nodes: <Figure value={total.total_kwh} unit="kwh" />, mean{' '}
            <Figure value={total.average_watts} unit="watts" />, {worthOf(total)}
          </p>
          {series && watts && (
            <div class="trends trends-one">
              <Chart
                title="Power"
                unit="watts"
                series={[{ name: 'Power', points: pointsOf(watts) }]}
                range={{ from: series.window.start, to: series.window.end }}
              />
            </div>
          )}
          <Table
            caption="Power of nodes"
            columns={columns}
            rows={nodes}
            rowKey={({ node }) => node}
          />
        </>
      )}
    </>
  );
}

/** What is measured, and how. */
function worthOf({ scope, source, estimated }: MetricFields<'power'>): string {
  const measured = scope === null ? 'of an unknown part' : scopes[scope];
  const how = estimated ? 'estimated' : 'measured';
  return `${how} ${measured}${source === null ? '' : ` by ${source}`}`;
}

const scopes = {
  platform: 'for the whole machine',
  psys: 'for the whole board',
  package: 'for CPU and memory',
  containers: 'for containers alone',
  mixed: 'for parts that differ by node',
} as const;

const columns: readonly Column<NodeEntry>[] = [
  { key: 'node', title: 'Node', cell: (node) => nameOf(node) },
  {
    key: 'energy',
    title: 'Energy',
    unit: 'kWh',
    align: 'end',
    cell: ({ power }) => <Figure value={power?.total_kwh} unit="kwh" bare />,
  },
  {
    key: 'watts',
    title: 'Mean power',
    unit: 'W',
    align: 'end',
    cell: ({ power }) => <Figure value={power?.average_watts} unit="watts" bare />,
  },
  {
    key: 'covered',
    title: 'Covered',
    align: 'end',
    cell: ({ power }) => {
      const covered = power?.covered_seconds ?? null;
      return covered === null ? <Absent /> : formatSpan(covered);
    },
  },
  {
    key: 'worth',
    title: 'What is measured',
    cell: ({ power }) => (power ? worthOf(power) : <Absent />),
  },
];
