import type { GrafanaDashboard } from '@bud-monitoring/contracts';
import { Absent } from '../../parts/values/figure';
import { Facts } from '../../parts/values/facts';
import { Table, type Column } from '../../parts/table/table';
import { Time } from '../../parts/values/time';
import { DashboardStatus } from './dashboard-status';
import { statuses } from './statuses';

const columns: readonly Column<GrafanaDashboard['dashboards'][number]>[] = [
  { key: 'template', title: 'Template', cell: ({ template }) => template },
  { key: 'uid', title: 'Grafana’s uid', cell: ({ uid }) => <code>{uid}</code> },
  { key: 'version', title: 'Version', align: 'end', cell: ({ version }) => version },
  {
    key: 'drifted',
    title: 'Changed by somebody else',
    cell: ({ drifted }) => (drifted ? 'yes' : 'no'),
  },
];

/** State, error and link of a cluster's dashboards, and which they are. */
export function Standing({ standing }: { standing: GrafanaDashboard }) {
  const { status, url, sharing, last_error, next_try, cluster_id, dashboards } = standing;
  return (
    <>
      <Facts
        rows={[
          [
            'State',
            <>
              <DashboardStatus status={status} />{' '}
              <span class="soft">{statuses[status].meaning}</span>
            </>,
          ],
          ...(last_error === undefined ? [] : ([['Error', last_error]] as const)),
          ...(next_try === undefined ? [] : ([['Next try', <Time at={next_try} />]] as const)),
          ['Public link', url === null ? <Absent /> : <PublicLink url={url} />],
          ['Wanted', <Wanted sharing={sharing} />],
          ['Cluster id', <code>{cluster_id}</code>],
        ]}
      />
      {dashboards.length > 0 && (
        <Table
          caption="Dashboards in Grafana"
          columns={columns}
          rows={dashboards}
          rowKey={({ uid }) => uid}
        />
      )}
    </>
  );
}

function PublicLink({ url }: { url: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {url}
    </a>
  );
}

function Wanted({ sharing: { enabled, expires_at } }: { sharing: GrafanaDashboard['sharing'] }) {
  if (!enabled) return <>no public link</>;
  if (expires_at === null) return <>a public link without an end</>;
  return (
    <>
      a public link until <Time at={expires_at} />
    </>
  );
}
