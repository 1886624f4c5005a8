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

/** Suffixes of the series of a metric family. */
const suffixes = ['', '_total', '_bucket', '_sum', '_count', '_info', '_created'];

/** `data` of `/metadata`: only families of which the scope has a series. */
export function filterMetadata<T>(
  data: Readonly<Record<string, T>>,
  names: ReadonlySet<string>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(data).filter(([family]) =>
      suffixes.some((suffix) => names.has(`${family}${suffix}`)),
    ),
  );
}
