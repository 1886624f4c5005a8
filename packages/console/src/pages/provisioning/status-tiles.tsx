import type { DashboardCounts, DashboardStatus as Name } from '@bud-monitoring/contracts';
import { Tiles } from '../../parts/page/tiles';
import { DashboardStatus } from './dashboard-status';
import { statuses } from './statuses';

/** How many clusters the dashboards of which stand where, those first that need somebody. */
export function StatusTiles(props: { counts: DashboardCounts; status: Name | undefined }) {
  const { counts, status } = props;
  const counted = (Object.keys(statuses) as Name[]).filter((name) => name !== 'orphaned');
  return (
    <Tiles
      label="Clusters by status"
      tiles={[
        {
          key: 'all',
          href: '/provisioning',
          current: status === undefined,
          number: totalOf(counts, undefined)?.toLocaleString('en') ?? '',
          name: 'All clusters',
        },
        ...counted.map((name) => ({
          key: name,
          href: `/provisioning?status=${name}`,
          current: status === name,
          number: counts[name].toLocaleString('en'),
          name: <DashboardStatus status={name} />,
        })),
      ]}
    />
  );
}

/** Clusters of a status, or of all; null of orphaned ones, which are not counted. */
export function totalOf(counts: DashboardCounts, status: Name | undefined): number | null {
  if (status === 'orphaned') return null;
  if (status !== undefined) return counts[status];
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
