import type { ClusterHealth, FleetSort } from '@bud-monitoring/contracts';

/** Which clusters are looked at, and in which order: all of it stands in the URL, as the page does. */
export interface FleetView {
  readonly search: string;
  /** Only clusters in one of these states; all where there is none. */
  readonly states: readonly ClusterHealth[];
  readonly sort: FleetSort;
  readonly order: 'asc' | 'desc';
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
};

/** Reads the query of a URL; what makes no sense is as if it were not there. */
export function readFleetView(query: string): FleetView {
  const read = new URLSearchParams(query);
  const sort = read.get('sort');
  const order = read.get('order');
  return {
    search: read.get('search') ?? '',
    states: [...new Set(read.getAll('state').filter((one) => isOneOf(clusterStates, one)))],
    sort: isOneOf(sorts, sort) ? sort : usual.sort,
    order: isOneOf(['asc', 'desc'], order) ? order : usual.order,
  };
}

/** The URL of the first page of a view; what is usual is left out. */
export function fleetHref(view: Partial<FleetView>): string {
  const { search, states, sort, order } = { ...usual, ...view };
  const query = new URLSearchParams();
  if (search !== '') query.set('search', search);
  for (const state of states) query.append('state', state);
  if (sort !== usual.sort) query.set('sort', sort);
  if (order !== usual.order) query.set('order', order);
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}
