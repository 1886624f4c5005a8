import type { Scope } from '@bud-monitoring/promql';

type Labels = Readonly<Record<string, string>>;

interface Alert {
  labels?: Labels;
}

interface Rule {
  labels?: Labels;
  alerts?: Alert[];
}

interface Group {
  rules?: Rule[];
}

/** Whether labels lie within the scope; those without a cluster lie within none. */
function isWithin(labels: Labels | undefined, { cluster, namespaces }: Scope): boolean {
  if (labels?.['cluster'] !== cluster) return false;
  return namespaces === undefined || namespaces.includes(labels['namespace'] ?? '');
}

/** `data` of `/alerts`: only those whose labels carry the cluster. */
export function filterAlerts(data: { alerts?: Alert[] }, scope: Scope): { alerts: Alert[] } {
  return { alerts: (data.alerts ?? []).filter(({ labels }) => isWithin(labels, scope)) };
}

/** `data` of `/rules`: only rules whose labels carry the cluster, their alerts likewise. */
export function filterRules(data: { groups?: Group[] }, scope: Scope): { groups: Group[] } {
  const groups = (data.groups ?? []).flatMap((group) => {
    const rules = (group.rules ?? [])
      .filter(({ labels }) => isWithin(labels, scope))
      .map((rule) =>
        rule.alerts === undefined ? rule : { ...rule, ...filterAlerts(rule, scope) },
      );
    return rules.length === 0 ? [] : [{ ...group, rules }];
  });
  return { groups };
}

/** One entry of a family in `/metadata`: targets that describe it differently have one each. */
interface MetadataEntry {
  readonly type?: string;
}

/** Suffixes of the series of a family, by its type: a family of any other type is its one series. */
const suffixesByType: Partial<Record<string, readonly string[]>> = {
  counter: ['', '_total', '_created'],
  histogram: ['', '_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['', '_bucket', '_gsum', '_gcount'],
  summary: ['', '_sum', '_count', '_created'],
  info: ['', '_info'],
};

/**
 * `data` of `/metadata`: only families, and of those only entries, of which the scope has a series. A gauge
 * `widgets` is not told of because there is a counter `widgets_total`: it may be another cluster's.
 */
export function filterMetadata<T extends MetadataEntry>(
  data: Readonly<Record<string, readonly T[]>>,
  names: ReadonlySet<string>,
): Record<string, readonly T[]> {
  return Object.fromEntries(
    Object.entries(data).flatMap(([family, entries]) => {
      const own = entries.filter(({ type = '' }) =>
        (suffixesByType[type] ?? ['']).some((suffix) => names.has(`${family}${suffix}`)),
      );
      return own.length === 0 ? [] : [[family, own] as const];
    }),
  );
}
