import type { ClusterMetrics, NodeDetail, NodeEntry, NodeMetrics } from '@bud-monitoring/contracts';

/** A node with its figures, and what Kubernetes says of it once that is known. */
export interface NodeRow {
  readonly figures: NodeEntry;
  readonly detail: NodeDetail | undefined;
}

/** The columns that nodes are sorted by, and what of a row they are sorted by. */
const nodeSorts = {
  name: ({ figures }: NodeRow) => nameOf(figures),
  status: ({ detail }: NodeRow) => detail?.status ?? null,
  cpu: ({ figures }: NodeRow) => figures.cpu?.usage_percent ?? null,
  memory: ({ figures }: NodeRow) => figures.memory?.usage_percent ?? null,
  storage: ({ figures }: NodeRow) => figures.storage?.usage_percent ?? null,
  network: ({ figures }: NodeRow) => figures.network_bandwidth?.total_mbps ?? null,
  pods: ({ detail }: NodeRow) => detail?.pods.current ?? null,
  events: ({ detail }: NodeRow) => detail?.events_count ?? null,
} as const satisfies Record<string, (row: NodeRow) => number | string | null>;
export type NodeSort = keyof typeof nodeSorts;

export const nameOf = ({ hostname, node }: { hostname: string | null; node: string }) =>
  hostname ?? node;

/** Every node of the figures with its details: both answers name it alike. */
export function joinNodes(metrics: ClusterMetrics, details: NodeMetrics | null): NodeRow[] {
  const byNode = new Map(
    Object.values(details?.nodes ?? {}).map((detail) => [detail.node, detail]),
  );
  return Object.values(metrics.nodes).map((figures) => ({
    figures,
    detail: byNode.get(figures.node),
  }));
}

/** Rows in an order; what has no value comes last in either. */
export function sortNodes(
  rows: readonly NodeRow[],
  by: NodeSort,
  order: 'asc' | 'desc',
): readonly NodeRow[] {
  const valueOf = nodeSorts[by];
  const sign = order === 'asc' ? 1 : -1;
  return [...rows].sort((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
  });
}
