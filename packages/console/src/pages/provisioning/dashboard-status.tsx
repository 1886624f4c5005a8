import type { DashboardStatus as Name } from '@bud-monitoring/contracts';
import { Status } from '../../parts/values/status';
import { statuses } from './statuses';

export function DashboardStatus({ status }: { status: Name }) {
  const { word, tone, meaning } = statuses[status];
  return (
    <span title={meaning}>
      <Status tone={tone}>{word}</Status>
    </span>
  );
}
