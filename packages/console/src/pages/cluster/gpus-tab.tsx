import type { ClusterMetrics, GpuDevice } from '@bud-monitoring/contracts';
import { Chart } from '../../parts/chart/chart';
import { pointsOf } from '../../parts/chart/points';
import { Figure, Share } from '../../parts/values/figure';
import { Empty } from '../../parts/page/state';
import { Table, type Column } from '../../parts/table/table';
import { Warnings } from '../../parts/page/warnings';
import { nameOf } from './nodes/node-rows';

type Device = GpuDevice & { nodeName: string };

/** Every GPU of the cluster. `series`: the newest answer that has series. */
export function GpusTab(props: { metrics: ClusterMetrics; series: ClusterMetrics | null }) {
  const { metrics, series } = props;
  const devices = Object.values(metrics.nodes).flatMap((node) =>
    (node.gpu?.devices ?? []).map((device) => ({ ...device, nodeName: nameOf(node) })),
  );
  const busy = series?.cluster_summary.gpu?.time_series;
  return (
    <>
      <Warnings warnings={metrics.warnings.filter(({ metric }) => metric === 'gpu')} />
      {devices.length === 0 ? (
        <Empty>
          No GPU is seen: no exporter of NVIDIA, AMD or Intel Gaudi has a sample here in this range.
        </Empty>
      ) : (
        <>
          {series && busy && (
            <div class="trends trends-one">
              <Chart
                title="Busy, all GPUs"
                unit="percent"
                series={[{ name: 'GPUs', points: pointsOf(busy) }]}
                range={{ from: series.window.start, to: series.window.end }}
              />
            </div>
          )}
          <Table
            caption="GPUs"
            columns={columns}
            rows={devices}
            rowKey={({ nodeName, uuid }) => `${nodeName} ${uuid}`}
          />
        </>
      )}
    </>
  );
}

const columns: readonly Column<Device>[] = [
  {
    key: 'device',
    title: 'GPU',
    cell: ({ model, vendor, uuid }) => (
      <>
        {model ?? vendor}
        <span class="row-note row-id">{uuid}</span>
      </>
    ),
  },
  { key: 'node', title: 'Node', cell: ({ nodeName }) => nodeName },
  {
    key: 'busy',
    title: 'Busy',
    unit: '%',
    align: 'end',
    cell: (device) => <Share percent={device.utilization_percent} />,
  },
  {
    key: 'used',
    title: 'Memory used',
    unit: 'GiB',
    align: 'end',
    cell: (device) => <Figure value={device.memory_used_gib} unit="gib" bare />,
  },
  {
    key: 'memory',
    title: 'Memory',
    unit: 'GiB',
    align: 'end',
    cell: (device) => <Figure value={device.memory_total_gib} unit="gib" bare />,
  },
  {
    key: 'temperature',
    title: 'Temperature',
    unit: '°C',
    align: 'end',
    cell: (device) => <Figure value={device.temperature_celsius} unit="celsius" bare />,
  },
  {
    key: 'power',
    title: 'Power',
    unit: 'W',
    align: 'end',
    cell: (device) => <Figure value={device.watts} unit="watts" bare />,
  },
];
