import type { NodeEvents as NodeEventsData } from '@bud-monitoring/contracts';
import { useCallback } from 'preact/hooks';
import { useApi } from '../../../app/api';
import { Empty, Loaded } from '../../../parts/page/state';
import { Status } from '../../../parts/values/status';
import { Table, type Column } from '../../../parts/table/table';
import { Ago } from '../../../parts/values/time';
import { useRequest } from '../../../parts/hooks/use-request';

type NodeEvent = NodeEventsData['events'][number];

/** The Kubernetes events of a node. `back`: the URL without them. */
export function NodeEvents({ id, node, back }: { id: string; node: string; back: string }) {
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.getNodeEvents(id, node, { signal }),
    [client, id, node],
  );
  return (
    <section class="panel" aria-label={`Events of ${node}`}>
      <div class="panel-head">
        <h2>Events of {node}</h2>
        <a class="button button-small" href={back}>
          Close
        </a>
      </div>
      <Loaded request={useRequest(load)}>
        {({ events }) =>
          events.length === 0 ? (
            <Empty>bud-cluster knows no event of this node.</Empty>
          ) : (
            <Table
              caption={`Events of ${node}`}
              columns={columns}
              rows={events}
              rowKey={(event) => JSON.stringify(event)}
            />
          )
        }
      </Loaded>
    </section>
  );
}

const columns: readonly Column<NodeEvent>[] = [
  { key: 'reason', title: 'Reason', cell: ({ reason }) => reason ?? 'not told' },
  {
    key: 'type',
    title: 'Type',
    cell: ({ type }) => (
      <Status tone={type === 'Warning' ? 'warning' : 'off'}>{type ?? 'not told'}</Status>
    ),
  },
  { key: 'message', title: 'Message', cell: ({ message }) => message ?? '' },
  { key: 'count', title: 'Times', align: 'end', cell: ({ count }) => count },
  { key: 'last', title: 'Last', cell: (event) => <Ago at={event.last_timestamp} /> },
  { key: 'source', title: 'From', cell: ({ source }) => source.component ?? '' },
];
