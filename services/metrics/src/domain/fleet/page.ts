import {
  clusterIdSchema,
  type FleetCluster,
  type FleetQuery,
  type FleetSort,
} from '@bud-monitoring/contracts';
import { InputError } from '../input-error.js';

/** A page of the fleet. */
export interface FleetPage {
  readonly clusters: readonly FleetCluster[];
  readonly next: string | null;
  /** Clusters on all pages. */
  readonly total: number;
}

type Rank = number | string | null;

/** What a cluster is sorted by; null comes last in either order. */
const ranks: Readonly<Record<FleetSort, (cluster: FleetCluster) => Rank>> = {
  cluster_id: ({ cluster_id }) => cluster_id,
  name: ({ name }) => name.toLowerCase(),
  nodes: ({ nodes }) => nodes,
  cpu: ({ cpu }) => cpu.usage_percent,
  memory: ({ memory }) => memory.usage_percent,
  storage: ({ storage }) => storage.usage_percent,
  // Any critical alert is before all warnings, and any warning before what is pending.
  alerts: ({ alerts: { critical, warning, pending } }) => critical * 1e12 + warning * 1e6 + pending,
};

interface Position {
  readonly rank: Rank;
  readonly id: string;
}

/**
 * The clusters that a query asks for, sorted, from where its cursor points: that is a place in the order and no
 * number, so that a cluster which comes or goes shifts no page.
 */
export function pageOfFleet(all: readonly FleetCluster[], query: FleetQuery): FleetPage {
  const { sort, limit } = query;
  const order = query.order ?? (sort === 'cluster_id' || sort === 'name' ? 'asc' : 'desc');
  const search = query.search?.toLowerCase();
  const asked = all.filter(
    ({ name, cluster_id, state }) =>
      (search === undefined || `${cluster_id}\n${name.toLowerCase()}`.includes(search)) &&
      (query.state === undefined || query.state.includes(state)),
  );
  const positionOf = (cluster: FleetCluster): Position => ({
    rank: ranks[sort](cluster),
    id: cluster.cluster_id,
  });
  const compare = (a: Position, b: Position) => comparePositions(a, b, order);
  const sorted = asked
    .map((cluster) => ({ cluster, position: positionOf(cluster) }))
    .sort((a, b) => compare(a.position, b.position));
  const from = query.cursor === undefined ? null : readCursor(query.cursor, sort);
  const rest = from === null ? sorted : sorted.filter((row) => compare(row.position, from) > 0);
  const page = rest.slice(0, limit);
  const last = rest.length > limit ? page.at(-1) : undefined;
  return {
    clusters: page.map(({ cluster }) => cluster),
    next: last === undefined ? null : writeCursor(last.position, sort),
    total: asked.length,
  };
}

function comparePositions(a: Position, b: Position, order: 'asc' | 'desc'): number {
  if (a.rank !== b.rank) {
    if (a.rank === null) return 1;
    if (b.rank === null) return -1;
    return a.rank < b.rank === (order === 'asc') ? -1 : 1;
  }
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/** The id alone where it decides, as it always was. */
function writeCursor({ rank, id }: Position, sort: FleetSort): string {
  if (sort === 'cluster_id') return id;
  return Buffer.from(JSON.stringify([sort, rank, id])).toString('base64url');
}

function readCursor(cursor: string, sort: FleetSort): Position {
  if (sort === 'cluster_id') {
    const id = clusterIdSchema.safeParse(cursor);
    if (!id.success) throw new InputError('cursor', 'must be the `next` of a page');
    return { rank: id.data, id: id.data };
  }
  try {
    const text = Buffer.from(cursor, 'base64url').toString();
    const [by, rank, id] = JSON.parse(text) as unknown[];
    const isRank = rank === null || typeof rank === 'string' || typeof rank === 'number';
    if (by === sort && isRank && typeof id === 'string') return { rank, id };
  } catch {
    // Told below, as what is no cursor of this order.
  }
  throw new InputError('cursor', 'is not the `next` of a page in this order');
}
