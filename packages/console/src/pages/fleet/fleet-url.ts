import type { ClusterHealth, FleetSort } from '@bud-monitoring/contracts';

/** Which part of the fleet is looked at: all of it stands in the URL. */
export interface FleetView {
  readonly search: string;
  /** Only clusters in one of these states; all where there is none. */
  readonly states: readonly ClusterHealth[];
  readonly sort: FleetSort;
  readonly order: 'asc' | 'desc';
  /** From 1 on; a page after the first begins at the cursor. */
  readonly page: number;
  readonly cursor: string | undefined;
}

export const clusterStates = ['critical', 'warning', 'silent', 'unknown', 'healthy'] as const;
const sorts = [
  'need',
  'name',
  'nodes',
  'cpu',
  'memory',
  'storage',
  'alerts',
  'cluster_id',
] as const;

const isOneOf = <T extends string>(known: readonly T[], text: string | null): text is T =>
  (known as readonly (string | null)[]).includes(text);

/** What needs somebody comes first, unless told otherwise. */
const usual: FleetView = {
  search: '',
  states: [],
  sort: 'need',
  order: 'desc',
  page: 1,
  cursor: undefined,
};

/** Reads the query of a URL; what makes no sense is as if it were not there. */
export function readFleetView(query: string): FleetView {
  const read = new URLSearchParams(query);
  const sort = read.get('sort');
  const order = read.get('order');
  const cursor = read.get('cursor') ?? undefined;
  const page = Number(read.get('page'));
  return {
    search: read.get('search') ?? '',
    states: [...new Set(read.getAll('state').filter((one) => isOneOf(clusterStates, one)))],
    sort: isOneOf(sorts, sort) ? sort : usual.sort,
    order: isOneOf(['asc', 'desc'], order) ? order : usual.order,
    page: cursor !== undefined && Number.isInteger(page) && page > 1 ? page : 1,
    cursor,
  };
}

/** The URL of a view; what is usual is left out. */
export function fleetHref(view: Partial<FleetView>): string {
  const { search, states, sort, order, page, cursor } = { ...usual, ...view };
  const query = new URLSearchParams();
  if (search !== '') query.set('search', search);
  for (const state of states) query.append('state', state);
  if (sort !== usual.sort) query.set('sort', sort);
  if (order !== usual.order) query.set('order', order);
  if (cursor !== undefined) {
    query.set('page', String(page));
    query.set('cursor', cursor);
  }
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** The same clusters in the same order, from their first page on. */
export const firstPage = (view: FleetView): FleetView => ({ ...view, page: 1, cursor: undefined });
