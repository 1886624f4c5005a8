import type { LabelMatcher } from '@bud-monitoring/promql';

/** Labels of an object that are also those of the pod of kube-state-metrics, as whose they are scraped. */
const renamed: readonly string[] = ['namespace', 'pod'];

/**
 * Objects of kube-state-metrics, one series each, of the series that are selected by more matchers. Where a scrape does
 * not honour labels, `namespace` and `pod` are those of kube-state-metrics itself, and the object's own begin with
 * `exported_`: such objects have those labels here, and the others have the plain ones.
 */
export function eachObject(
  select: (...matchers: LabelMatcher[]) => string,
  by: readonly string[],
): string {
  const exported = by.map((label) => (renamed.includes(label) ? `exported_${label}` : label));
  const mark = exported.findLast((label) => label.startsWith('exported_')) ?? '';
  const one = (labels: readonly string[], op: '=' | '!=') =>
    `max by (${labels.join(', ')}) (${select({ label: mark, op, value: '' })})`;
  return `(${one(by, '=')} or ${one(exported, '!=')})`;
}
