import type { AlertMetric, ListedAlert } from '@bud-monitoring/contracts';
import { useCallback } from 'preact/hooks';
import { useApi } from '../../../app/api';
import { Figure } from '../../../parts/values/figure';
import { Empty, Loaded } from '../../../parts/page/state';
import { Status } from '../../../parts/values/status';
import { Table, type Column } from '../../../parts/table/table';
import { Ago } from '../../../parts/values/time';
import { useNow } from '../../../parts/hooks/use-now';
import { useRequest } from '../../../parts/hooks/use-request';
import { Warnings } from '../../../parts/page/warnings';
import { alertNames } from './alert-names';
import { Thresholds } from './thresholds';

const REFRESH_MS = 15_000;

/** The alerts of a cluster, and from which values on it has them. */
export function AlertsTab({ id }: { id: string }) {
  const { client } = useApi();
  const load = useCallback((signal: AbortSignal) => client.getAlerts(id, { signal }), [client, id]);
  const request = useRequest(load, { refreshMs: REFRESH_MS });
  const now = useNow(5000);
  return (
    <>
      <Loaded request={request}>
        {({ alerts, evaluated_at: evaluated, warnings }) => (
          <>
            <Warnings warnings={warnings} />
            {alerts.length === 0 ? (
              <Empty>Nothing is firing, and nothing was in the last hour.</Empty>
            ) : (
              <Table
                caption="Alerts"
                columns={columns(now)}
                rows={alerts}
                rowKey={({ id: alert }) => alert}
              />
            )}
            <p class="window-note">
              {evaluated === null ? (
                'The rules were not evaluated yet'
              ) : (
                <>
                  Evaluated <Ago at={evaluated} now={now} />
                </>
              )}
            </p>
          </>
        )}
      </Loaded>
      <Thresholds id={id} />
    </>
  );
}

const columns = (now: number): readonly Column<ListedAlert>[] => [
  {
    key: 'metric',
    title: 'Alert',
    cell: ({ metric, message }) => (
      <>
        {alertNames[metric]}
        <span class="row-note">{message}</span>
      </>
    ),
  },
  { key: 'state', title: 'State', cell: (alert) => <State {...alert} /> },
  { key: 'node', title: 'Node', cell: ({ hostname, node }) => hostname ?? node },
  {
    key: 'value',
    title: 'Value',
    align: 'end',
    cell: ({ metric, value }) => <Value metric={metric} value={value} />,
  },
  {
    key: 'threshold',
    title: 'Threshold',
    align: 'end',
    cell: ({ metric, threshold }) => <Value metric={metric} value={threshold} />,
  },
  { key: 'since', title: 'Since', cell: ({ since }) => <Ago at={since} now={now} /> },
];

function State({ state, severity, reason }: ListedAlert) {
  if (state === 'resolved')
    return (
      <Status tone="good">Resolved{reason === undefined ? '' : `, ${reasons[reason]}`}</Status>
    );
  const name = severity === 'critical' ? 'Critical' : 'Warning';
  if (state === 'pending') return <Status tone="off">{name}, pending</Status>;
  return <Status tone={severity === 'critical' ? 'bad' : 'warning'}>{name}</Status>;
}

const reasons = {
  recovered: 'recovered',
  no_data: 'no data any more',
  disabled: 'switched off',
  cluster_deleted: 'cluster deleted',
} as const;

function Value({ metric, value }: { metric: AlertMetric; value: number }) {
  if (metric === 'node_not_ready') return <span class="soft">not ready</span>;
  if (metric !== 'network_errors') return <Figure value={value} unit="percent" />;
  return (
    <>
      <Figure value={value} unit="count" /> <span class="soft">/min</span>
    </>
  );
}
