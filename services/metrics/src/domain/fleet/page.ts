import {
  clusterIdSchema,
  type ClusterId,
  type FleetCluster,
  type FleetQuery,
  type FleetSort,
} from '@bud-monitoring/contracts';
import { InputError } from '../input-error.js';
import { needOf } from './need.js';

/** A page of the fleet. */
export interface FleetPage {
  readonly clusters: readonly ClusterId[];
  readonly next: string | null;
  /** Clusters on all pages. */
  readonly total: number;
}

type Rank = number | string | null;

/** A cluster as it is sorted; a rank of null comes last in either order. */
export interface Ranked {
  readonly id: ClusterId;
  readonly rank: Rank;
}

/** The figure that clusters are sorted by, for the orders that need their summaries. */
const figureRanks: Readonly<
  Record<Exclude<FleetSort, 'cluster_id' | 'name' | 'need'>, (cluster: FleetCluster) => Rank>
> = {
  nodes: ({ nodes }) => nodes,
  cpu: ({ cpu }) => cpu.usage_percent,
  memory: ({ memory }) => memory.usage_percent,
  storage: ({ storage }) => storage.usage_percent,
  // Any critical alert is before all warnings, and any warning before what is pending.
  alerts: ({ alerts: { critical, warning, pending } }) => critical * 1e12 + warning * 1e6 + pending,
};

/** Whether a cluster is searched for by its name or id. */
export function isSearched(search: string | undefined, id: ClusterId, name: string): boolean {
  return search === undefined || `${id}\n${name}`.toLowerCase().includes(search.toLowerCase());
}

/**
 * The clusters sorted, from where the cursor of a query points: that is a place in the order and no number, so
 * that a cluster which comes or goes shifts no page.
 */
export function pageOfFleet(
  asked: readonly Ranked[],
  query: Pick<FleetQuery, 'sort' | 'order' | 'limit' | 'cursor'>,
): FleetPage {
  const { sort, limit } = query;
  const order = query.order ?? (sort === 'cluster_id' || sort === 'name' ? 'asc' : 'desc');
  const compare = (a: Position, b: Position) => comparePositions(a, b, order);
  const sorted = [...asked].sort(compare);
  const from = query.cursor === undefined ? null : readCursor(query.cursor, sort);
  const rest = from === null ? sorted : sorted.filter((row) => compare(row, from) > 0);
  const page = rest.slice(0, limit);
  const last = rest.length > limit ? page.at(-1) : undefined;
  return {
    clusters: page.map(({ id }) => id),
    next: last === undefined ? null : writeCursor(last, sort),
    total: asked.length,
  };
}

/** Whether clusters can be sorted and filtered only by what is read of each. */
export const needsSummaries = ({ sort, state }: FleetQuery) =>
  state !== undefined || sort in figureRanks;

/** A page of clusters whose summaries are known. */
export function pageOfSummaries(clusters: readonly FleetCluster[], query: FleetQuery) {
  const { sort, state } = query;
  const rankOf = (cluster: FleetCluster) => {
    switch (sort) {
      case 'cluster_id':
        return cluster.cluster_id;
      case 'name':
        return cluster.name.toLowerCase();
      case 'need':
        return needOf(cluster);
      default:
        return figureRanks[sort](cluster);
    }
  };
  const asked = clusters.filter(
    (cluster) =>
      isSearched(query.search, cluster.cluster_id, cluster.name) &&
      (state === undefined || state.includes(cluster.state)),
  );
  const ranked = asked.map((cluster) => ({ id: cluster.cluster_id, rank: rankOf(cluster) }));
  const page = pageOfFleet(ranked, query);
  const byId = new Map(asked.map((cluster) => [cluster.cluster_id, cluster]));
  return { ...page, clusters: page.clusters.flatMap((id) => byId.get(id) ?? []) };
}

interface Position {
  readonly rank: Rank;
  readonly id: string;
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
