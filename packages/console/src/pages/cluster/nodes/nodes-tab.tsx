import type { ClusterMetrics } from '@bud-monitoring/contracts';
import { useCallback, useState } from 'preact/hooks';
import { useApi } from '../../../app/api';
import { Empty, ErrorNotice } from '../../../parts/page/state';
import { Table } from '../../../parts/table/table';
import { useRequest } from '../../../parts/hooks/use-request';
import { Warnings } from '../../../parts/page/warnings';
import { clusterHref, type ClusterView } from '../cluster-url';
import { nodeColumns } from './node-columns';
import { NodeEvents } from './node-events';
import { joinNodes, sortNodes, type NodeSort } from './node-rows';

const REFRESH_MS = 60_000;
/** Rows that are there at once; the others come on demand. */
const STEP = 100;

/** The nodes with their figures, what Kubernetes says of them, and their events. */
export function NodesTab(props: { id: string; view: ClusterView; metrics: ClusterMetrics }) {
  const { id, view, metrics } = props;
  const { client } = useApi();
  const load = useCallback(
    (signal: AbortSignal) => client.getNodeMetrics(id, { signal }),
    [client, id],
  );
  const details = useRequest(load, { refreshMs: REFRESH_MS });
  const [sort, setSort] = useState<{ by: NodeSort; order: 'asc' | 'desc' }>({
    by: 'name',
    order: 'asc',
  });
  const [most, setMost] = useState(STEP);
  const rows = sortNodes(joinNodes(metrics, details.data), sort.by, sort.order);
  const warnings = [...metrics.warnings, ...(details.data?.warnings ?? [])];
  return (
    <>
      {details.error && <ErrorNotice error={details.error} retry={details.reload} />}
      <Warnings warnings={unique(warnings)} />
      {view.node !== undefined && (
        <NodeEvents id={id} node={view.node} back={clusterHref(id, { ...view, node: undefined })} />
      )}
      {rows.length === 0 ? (
        <Empty>No node had a sample in this range.</Empty>
      ) : (
        <Table
          caption="Nodes"
          columns={nodeColumns((node) => clusterHref(id, { ...view, node }))}
          rows={rows.slice(0, most)}
          rowKey={({ figures }) => figures.node}
          sorting={{
            ...sort,
            change: (by, order) => setSort({ by: by as NodeSort, order }),
          }}
        />
      )}
      {rows.length > most && (
        <p class="more">
          {most} of {rows.length} nodes{' '}
          <button type="button" class="button button-small" onClick={() => setMost(most + STEP)}>
            Show {Math.min(STEP, rows.length - most)} more
          </button>
        </p>
      )}
    </>
  );
}

/** Both answers may warn of the same. */
const unique = <T extends { message: string }>(warnings: readonly T[]): T[] => [
  ...new Map(warnings.map((warning) => [warning.message, warning])).values(),
];
