import { quoteLabelValue } from './strings.js';

/** As PromQL writes them. */
export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** A label matcher; the value is unquoted. */
export interface LabelMatcher {
  readonly label: string;
  readonly op: MatchOperator;
  readonly value: string;
}

/** Writes a matcher: `cluster="a"`; label names beyond the classic alphabet are quoted. */
export function writeMatcher({ label, op, value }: LabelMatcher): string {
  const name = /^[A-Za-z_]\w*$/.test(label) ? label : quoteLabelValue(label);
  return `${name}${op}${quoteLabelValue(value)}`;
}

/**
 * Writes a vector selector safely, whatever the values hold: `selector('up', [{label: 'job', op: '=',
 * value: 'node'}])` is `up{job="node"}`. A name beyond the classic alphabet goes quoted into the braces.
 */
export function selector(name: string, matchers: readonly LabelMatcher[] = []): string {
  const classic = /^[A-Za-z_:][\w:]*$/.test(name);
  const inside = matchers.map(writeMatcher);
  if (!classic) inside.unshift(quoteLabelValue(name));
  return `${classic ? name : ''}${inside.length > 0 ? `{${inside.join(',')}}` : ''}`;
}
