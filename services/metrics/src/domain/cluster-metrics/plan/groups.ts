import type { Selection } from '../../metrics/index.js';
import type { Quantity } from '../../metrics/types.js';
import type { Figure } from '../../promql/figure.js';
import type { Query } from '../../promql/queries.js';
import type { Scope } from '../../promql/scope.js';

/** Figures that are queried together; expensive ones apart, so that they run side by side. */
export type Group = 'nodes' | 'gauges' | 'cpu' | 'network' | 'power and gpu';

export type GroupedFigures = readonly [Group, Figure[]];

/** The quantities of a selection that the cluster has a metric for: others are not queried. */
export function quantitiesOf(selection: Selection, scope: Scope): Quantity[] {
  const all = new Set(selection.nodeMetrics.flatMap(({ quantities }) => quantities));
  return [...all].filter(({ metricNames }) => metricNames.some((name) => scope.has(name)));
}

const groupOf: Readonly<Record<string, Group>> = {
  memory: 'gauges',
  storage: 'gauges',
  cpu: 'cpu',
  receive: 'network',
  transmit: 'network',
};

/** The figures of each quantity, with their group. */
export function byGroup(
  quantities: readonly Quantity[],
  figures: (quantity: Quantity) => Figure[],
): GroupedFigures[] {
  return quantities.map((quantity) => [groupOf[quantity.id] ?? 'gauges', figures(quantity)]);
}

/** The group of a figure that is known by target. */
export function groupOfFigure(figure: string): Group {
  if (/^(cpu:|receive$|transmit$)/.test(figure))
    return figure.startsWith('cpu') ? 'cpu' : 'network';
  return /(power|dram|gpu|inference):/.test(figure) ? 'power and gpu' : 'nodes';
}

/** One request for each value that `together` gives a group; it is named by all groups in it. */
export function toQueries(
  groups: readonly GroupedFigures[],
  together: (group: Group) => unknown,
  at: Query['at'],
): Query[] {
  const merged = new Map<unknown, { names: Set<Group>; figures: Figure[] }>();
  for (const [group, figures] of groups) {
    if (figures.length === 0) continue;
    const request = merged.get(together(group)) ?? { names: new Set(), figures: [] };
    request.names.add(group);
    request.figures.push(...figures);
    merged.set(together(group), request);
  }
  return [...merged.values()].map(({ names, figures }) => ({
    group: [...names].join(', '),
    figures,
    at,
  }));
}
