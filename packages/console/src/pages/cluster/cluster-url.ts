import type { TimeRange } from '@bud-monitoring/contracts';

/** What the figures are about: a range that the API names, or moments (Unix seconds). */
export type Range =
  | { readonly name: TimeRange; readonly from?: undefined; readonly to?: undefined }
  | { readonly name?: undefined; readonly from: number; readonly to: number };

export const tabs = [
  ['overview', 'Overview'],
  ['nodes', 'Nodes'],
  ['gpus', 'GPUs'],
  ['power', 'Power'],
  ['alerts', 'Alerts'],
  ['dashboards', 'Dashboards'],
] as const;
export type Tab = (typeof tabs)[number][0];

export const rangeNames: Readonly<Record<TimeRange, string>> = {
  '10min': '10 min',
  today: 'Today',
  '7days': '7 days',
  month: '30 days',
};

/** What is looked at of a cluster: all of it stands in the URL. */
export interface ClusterView {
  readonly tab: Tab;
  readonly range: Range;
  /** The node whose events are shown. */
  readonly node: string | undefined;
}

const usual: ClusterView = { tab: 'overview', range: { name: 'today' }, node: undefined };

/** Reads the query of a URL; what makes no sense is as if it were not there. */
export function readClusterView(query: string): ClusterView {
  const read = new URLSearchParams(query);
  const tab = tabs.find(([name]) => name === read.get('tab'))?.[0] ?? usual.tab;
  return { tab, range: readRange(read), node: read.get('node') ?? undefined };
}

/** Unix seconds of the year 10000, of which no field of a page can show a date. */
const endOfTime = Date.UTC(10_000, 0) / 1000;

function readRange(read: URLSearchParams): Range {
  const from = Date.parse(read.get('from') ?? '') / 1000;
  const to = Date.parse(read.get('to') ?? '') / 1000;
  if (0 <= from && from < to && to < endOfTime) return { from, to };
  const name = read.get('range');
  return name !== null && Object.hasOwn(rangeNames, name)
    ? { name: name as TimeRange }
    : usual.range;
}

/** The URL of a view; what is usual is left out. */
export function clusterHref(id: string, view: Partial<ClusterView> = {}): string {
  const { tab, range, node } = { ...usual, ...view };
  const query = new URLSearchParams();
  if (tab !== usual.tab) query.set('tab', tab);
  if (range.name === undefined) {
    query.set('from', isoOf(range.from));
    query.set('to', isoOf(range.to));
  } else if (range.name !== usual.range.name) query.set('range', range.name);
  if (node !== undefined) query.set('node', node);
  const text = query.toString();
  return `/clusters/${encodeURIComponent(id)}${text === '' ? '' : `?${text}`}`;
}

const isoOf = (at: number) => new Date(at * 1000).toISOString().replace('.000Z', 'Z');
