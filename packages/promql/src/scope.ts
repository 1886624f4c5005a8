import { clusterMatcherCheck } from './cluster-matcher.js';
import { unreasonableDuration } from './durations.js';
import { isAllowedCall } from './functions.js';
import { defaultMaxLength, parse } from './parse/parse.js';
import { refused } from './refusal.js';
import type { Refusal } from './refusal.js';
import { readTree } from './parse/selectors.js';
import type { Call, Selector } from './parse/selectors.js';
import { writeMatcher } from './matchers.js';
import type { LabelMatcher } from './matchers.js';
import { escapeRegex } from './strings.js';

/** What a caller may see. */
export interface Scope {
  /** The value of the `cluster` label; not empty. */
  readonly cluster: string;
  /** Only these namespaces; absent means all, an empty list none (and no series at all is seen). */
  readonly namespaces?: readonly string[];
}

export interface ScopeLimits {
  /** UTF-16 units a query may have before it is read at all. */
  readonly maxLength?: number;
}

export interface Scoped {
  readonly ok: true;
  /** The caller's text with matchers put in, otherwise unchanged. */
  readonly query: string;
  /** How many selectors the query has; 0 for `1+1`. */
  readonly selectors: number;
}

/**
 * Puts `cluster="<id>"` (and the namespaces, where limited) on every selector of a query. The caller's own
 * matchers stay beside ours, and a matcher already there exactly is not written twice. A matcher on `cluster`
 * that cannot match the id, or names another, is refused, as is a function that is not known to read only
 * its arguments.
 *
 * A refusal of kind `unparsable` must never be evaluated as it stands: ask the store's `format_query` for its
 * own error and, if the store can read the text, refuse it all the same.
 */
export function scopeQuery(
  query: string,
  scope: Scope,
  limits: ScopeLimits = {},
): Scoped | Refusal {
  const parsed = parse(query, limits.maxLength ?? defaultMaxLength);
  if (!parsed.ok) return parsed;
  const { selectors, calls, durations } = readTree(parsed.tree, query);
  return (
    forbiddenCall(calls) ??
    unreasonableDuration(durations) ??
    scopeSelectors(query, selectors, scope)
  );
}

/**
 * As `scopeQuery`, for a `match[]` parameter: exactly one vector selector and nothing else. `{}` becomes the
 * selector of the whole scope.
 */
export function scopeMatchers(
  match: string,
  scope: Scope,
  limits: ScopeLimits = {},
): Scoped | Refusal {
  const parsed = parse(match, limits.maxLength ?? defaultMaxLength);
  if (!parsed.ok) return parsed;
  const { firstChild } = parsed.tree.topNode;
  const only = firstChild?.type.isSkipped === true ? firstChild.nextSibling : firstChild;
  if (only?.name !== 'VectorSelector') {
    return refused('A match[] takes one series selector and nothing else', only?.from ?? 0);
  }
  return scopeSelectors(match, readTree(parsed.tree, match).selectors, scope);
}

/** The first call of something that is not on the list, as a refusal. */
function forbiddenCall(calls: readonly Call[]): Refusal | undefined {
  const call = calls.find(({ name, kind }) => !isAllowedCall(name, kind));
  return (
    call &&
    refused(`${call.name}() is not allowed: it may read series of other clusters`, call.from)
  );
}

/** Whether the selector has this very matcher, in whatever spelling. */
export function hasMatcher(selector: Selector, matcher: LabelMatcher): boolean {
  return selector.matchers.some(
    ({ label, op, value }) =>
      label === matcher.label && op === matcher.op && value === matcher.value,
  );
}

function scopeSelectors(
  text: string,
  selectors: readonly Selector[],
  scope: Scope,
): Scoped | Refusal {
  const enforced = enforcedMatchers(scope);
  const objectionTo = clusterMatcherCheck(scope.cluster);
  let query = '';
  let copied = 0;
  for (const selector of selectors) {
    for (const matcher of selector.matchers) {
      const reason = matcher.label === 'cluster' ? objectionTo(matcher) : undefined;
      if (reason !== undefined) {
        const own = text.slice(matcher.from, matcher.to);
        return refused(`The matcher ${own} is not allowed: ${reason}`, matcher.from);
      }
    }
    const missing = enforced.filter((matcher) => !hasMatcher(selector, matcher)).map(writeMatcher);
    if (missing.length === 0) continue;
    const { at, inserted } = insertion(selector, missing.join(','));
    query += text.slice(copied, at) + inserted;
    copied = at;
  }
  return { ok: true, query: query + text.slice(copied), selectors: selectors.length };
}

/** After the last matcher, so that trailing commas and comments stay where they were. */
function insertion(selector: Selector, matchers: string): { at: number; inserted: string } {
  const last = selector.matchers.at(-1);
  if (last) return { at: last.to, inserted: `,${matchers}` };
  if (selector.brace !== undefined) return { at: selector.brace + 1, inserted: matchers };
  return { at: selector.to, inserted: `{${matchers}}` };
}

function enforcedMatchers({ cluster, namespaces }: Scope): LabelMatcher[] {
  // cluster="" would match every series without the label.
  if (cluster === '') throw new RangeError('A scope needs a cluster');
  const matcher: LabelMatcher = { label: 'cluster', op: '=', value: cluster };
  return namespaces ? [matcher, ...namespaceMatchers(namespaces)] : [matcher];
}

function namespaceMatchers(namespaces: readonly string[]): LabelMatcher[] {
  // An empty name is no namespace: it would match series that have none.
  const names = [...new Set(namespaces)].filter((name) => name !== '').sort();
  const [only] = names;
  if (only === undefined) {
    // Nothing can be seen: no series has the label both empty and not empty.
    return [
      { label: 'namespace', op: '=', value: '' },
      { label: 'namespace', op: '!=', value: '' },
    ];
  }
  if (names.length === 1) return [{ label: 'namespace', op: '=', value: only }];
  return [{ label: 'namespace', op: '=~', value: names.map(escapeRegex).join('|') }];
}
