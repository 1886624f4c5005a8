import type { DashboardList } from '@bud-monitoring/contracts';
import { useLocation } from 'preact-iso';
import { useCallback } from 'preact/hooks';
import { useApi } from '../../app/api';
import { Absent } from '../../parts/values/figure';
import { PageHead } from '../../parts/page/page-head';
import { Pager } from '../../parts/table/pager';
import { Empty, Loaded } from '../../parts/page/state';
import { Table, type Column } from '../../parts/table/table';
import { Time } from '../../parts/values/time';
import { useCursorPage } from '../../parts/hooks/use-cursor-page';
import { useRequest } from '../../parts/hooks/use-request';
import { DashboardStatus } from './dashboard-status';
import { Filters } from './filters';
import { StatusTiles, totalOf } from './status-tiles';
import { isStatus } from './statuses';

const SIZE = 50;

type Row = DashboardList['dashboards'][number];

const columns: readonly Column<Row>[] = [
  {
    key: 'name',
    title: 'Cluster',
    cell: ({ cluster_id, name }) => (
      <a href={`/provisioning/${encodeURIComponent(cluster_id)}`}>{name}</a>
    ),
  },
  {
    key: 'status',
    title: 'Dashboards',
    cell: ({ status, drifted }) => (
      <>
        <DashboardStatus status={status} />
        {drifted && <span class="soft"> changed by somebody else</span>}
      </>
    ),
  },
  {
    key: 'error',
    title: 'Error',
    cell: ({ last_error }) => last_error ?? <Absent />,
  },
  { key: 'next', title: 'Next try', cell: ({ next_try }) => <Time at={next_try ?? null} /> },
];

/** Where the dashboards of all clusters stand. */
export default function ProvisioningPage() {
  const { client } = useApi();
  const { query } = useLocation();
  const search = query['search'] === '' ? undefined : query['search'];
  const { page, cursor, links } = useCursorPage();
  const status = isStatus(query['status']) ? query['status'] : undefined;
  const load = useCallback(
    (signal: AbortSignal) =>
      client.listDashboards({ limit: SIZE, status, search, cursor, counts: 'true' }, { signal }),
    [client, status, search, cursor],
  );
  const request = useRequest(load, { refreshMs: 15_000 });
  return (
    <>
      <PageHead title="Provisioning">
        <Filters key={search} status={status} search={search ?? ''} />
      </PageHead>
      <Loaded request={request}>
        {({ dashboards, next, counts }) => (
          <>
            {counts && <StatusTiles counts={counts} status={status} />}
            {dashboards.length === 0 ? (
              <Empty>
                {status || search ? 'No cluster is like that.' : 'No cluster was announced yet.'}
              </Empty>
            ) : (
              <Table
                caption="Dashboards of clusters"
                columns={columns}
                rows={dashboards}
                rowKey={({ cluster_id }) => cluster_id}
              />
            )}
            <Pager
              page={page}
              size={SIZE}
              shown={dashboards.length}
              total={counts && search === undefined ? totalOf(counts, status) : null}
              what="clusters"
              {...links(next)}
            />
          </>
        )}
      </Loaded>
    </>
  );
}
