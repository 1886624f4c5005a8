import type { FleetCluster } from '@bud-monitoring/contracts';
import { Absent, Awaited, Share } from '../../parts/values/figure';
import { Health } from '../../parts/values/health';
import { Status } from '../../parts/values/status';
import { Table, type Column, type Sorting } from '../../parts/table/table';
import { Ago } from '../../parts/values/time';
import { useNow } from '../../parts/hooks/use-now';
import { clusterHref } from '../cluster/cluster-url';
import type { Gpus } from './use-gpus';

/** The clusters of a page. `at`: when the list came, Unix seconds. */
export function FleetTable(props: {
  clusters: readonly FleetCluster[];
  at: number;
  gpus: ReadonlyMap<string, Gpus>;
  sorting: Sorting;
}) {
  const { clusters, at, gpus, sorting } = props;
  const now = useNow(5000);
  const columns: readonly Column<FleetCluster>[] = [
    {
      key: 'name',
      title: 'Cluster',
      sort: 'name',
      cell: ({ cluster_id: id, name }) => (
        <a class="cluster-link" href={clusterHref(id)}>
          {name}
          {name !== id && (
            <span class="cluster-id" title={id}>
              {id}
            </span>
          )}
        </a>
      ),
    },
    {
      key: 'state',
      title: 'State',
      sort: 'need',
      cell: ({ state }) => <Health state={state} />,
    },
    {
      key: 'contact',
      title: 'Last contact',
      cell: ({ newest_sample_age_seconds: age }) => (
        <Ago at={age === null ? null : at - age} now={now} />
      ),
    },
    {
      key: 'alerts',
      title: 'Firing',
      sort: 'alerts',
      cell: ({ cluster_id: id, alerts }) => (
        <a class="alerts-link" href={clusterHref(id, { tab: 'alerts' })}>
          <Firing {...alerts} />
        </a>
      ),
    },
    {
      key: 'nodes',
      title: 'Nodes',
      unit: 'ready / all',
      align: 'end',
      sort: 'nodes',
      cell: ({ nodes, ready }) => <Nodes nodes={nodes} ready={ready} />,
    },
    ...(['cpu', 'memory', 'storage'] as const).map((metric) => ({
      key: metric,
      title: { cpu: 'CPU', memory: 'Memory', storage: 'Storage' }[metric],
      unit: '%',
      align: 'end' as const,
      sort: metric,
      cell: (cluster: FleetCluster) => <Share percent={cluster[metric].usage_percent} />,
    })),
    {
      key: 'gpu',
      title: 'GPU',
      unit: '%',
      align: 'end',
      cell: ({ cluster_id: id }) => <Gpu gpus={gpus.get(id)} />,
    },
  ];
  return (
    <div class="fleet-table">
      <Table
        caption="Clusters"
        columns={columns}
        rows={clusters}
        rowKey={({ cluster_id: id }) => id}
        sorting={sorting}
      />
    </div>
  );
}

function Firing({ critical, warning, pending }: FleetCluster['alerts']) {
  if (critical + warning === 0)
    return <span class="firing soft">{pending > 0 ? `${pending} pending` : '0'}</span>;
  return (
    <span class="firing">
      {critical > 0 && <Status tone="bad">{critical} critical</Status>}
      {warning > 0 && <Status tone="warning">{warning} warning</Status>}
    </span>
  );
}

function Nodes({ nodes, ready }: { nodes: number | null; ready: number | null }) {
  if (nodes === null) return <Absent />;
  return (
    <span class={ready !== null && ready < nodes ? 'nodes-missing' : undefined}>
      {ready ?? '—'} / {nodes}
    </span>
  );
}

/** Undefined before the stream told, null where there is none. */
function Gpu({ gpus }: { gpus: Gpus | undefined }) {
  if (gpus === undefined) return <Awaited />;
  if (gpus === null) return <span class="soft">none</span>;
  return <Share percent={gpus.utilization_percent} />;
}
