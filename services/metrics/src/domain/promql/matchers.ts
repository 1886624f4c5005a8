import { escapeRegex, type LabelMatcher } from '@bud-monitoring/promql';

/** A matcher of exactly these values of a label, each taken literally. */
export function matchAnyOf(label: string, values: readonly string[]): LabelMatcher {
  return { label, op: '=~', value: values.map(escapeRegex).join('|') };
}
