import { isAllowedCall } from './functions.js';
import { defaultMaxLength, parse } from './parse/parse.js';
import { hasMatcher } from './scoping/scope.js';
import { readTree } from './parse/selectors.js';

/** Something in a dashboard's query that may show more than one cluster. */
export interface ScopeViolation {
  /**
   * `selector`: does not carry exactly `cluster="<id>"`. `function`: not known to read only its arguments.
   * `unparsable`: nothing can be said of the query.
   */
  readonly kind: 'selector' | 'function' | 'unparsable';
  /** The selector or the function's name as written; for `unparsable` the reason. */
  readonly text: string;
  /** Offset in the query, in UTF-16 units from 0. */
  readonly position: number;
}

/**
 * What keeps a dashboard's query from being scoped to one cluster; empty when every selector carries
 * `cluster="<id>"`. Grafana's built-in variables for durations (`$__rate_interval`, `${__range_s}`, …) are
 * replaced by a sample duration or number; any other variable outside a string is `unparsable`.
 */
export function lintScope(query: string, cluster: string): ScopeViolation[] {
  const parsed = parse(withSampleDurations(query), defaultMaxLength);
  if (!parsed.ok) return [{ kind: 'unparsable', text: parsed.reason, position: parsed.position }];
  const { selectors, calls } = readTree(parsed.tree, query);
  const enforced = { label: 'cluster', op: '=', value: cluster } as const;
  const found: ScopeViolation[] = [
    ...calls
      .filter(({ name, kind }) => !isAllowedCall(name, kind))
      .map(({ name, from }) => ({ kind: 'function' as const, text: name, position: from })),
    ...selectors
      .filter((selector) => !hasMatcher(selector, enforced))
      .map(({ from, to }) => ({
        kind: 'selector' as const,
        text: query.slice(from, to),
        position: from,
      })),
  ];
  return found.sort((a, b) => a.position - b.position);
}

const durationVariables =
  /\$(?:__(?:rate_interval|interval|range)(?:_m?s)?\b|\{__(?:rate_interval|interval|range)(?:_m?s)?\}|__(?:from|to)\b|\{__(?:from|to)\})/g;

/** As long as what it replaces, so that positions stay: zeros and 1, or zeros and 1m. */
function withSampleDurations(query: string): string {
  return query.replace(durationVariables, (variable) =>
    (/_m?s\}?$|from|to/.test(variable) ? '1' : '1m').padStart(variable.length, '0'),
  );
}
