import { clusterMatcherCheck, unjudged } from './cluster-matcher.js';
import { unreasonableDuration } from '../durations.js';
import { isAllowedCall } from '../functions.js';
import { defaultMaxLength, parse } from '../parse/parse.js';
import { parseSelector, selectsEverything } from '../parse/selector.js';
import { overLimit, refused, unparsable } from '../refusal.js';
import type { Refusal } from '../refusal.js';
import { readTree } from '../parse/selectors.js';
import type { Call, PlacedMatcher, Selector } from '../parse/selectors.js';
import { enforcedMatchers, labelsOf, type Scope } from './enforced-matchers.js';
import { writeMatcher } from '../matchers.js';
import type { LabelMatcher } from '../matchers.js';
import { escapeRegex } from '../strings.js';
import { insert, repeat, type Insertion } from './insertions.js';

/** Most sets of namespaces for which a selector is repeated. */
const maxAlternatives = 20;

/**
 * UTF-16 units of a scoped text: some fifty selectors in a fleet of a thousand clusters. It is written, encoded and
 * hashed in one go.
 */
export const maxScopedLength = 2 * 1024 * 1024;

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
  /** What was put in, in the order of the text. */
  readonly insertions: readonly Insertion[];
}

/**
 * Puts the scope's matchers on every selector of a query: `cluster="<id>"`, or `cluster=~"<id>|<id>"` for a
 * fleet, and the namespaces, where limited. The caller's own matchers stay beside ours, and a matcher already
 * there exactly is not written twice. One that names a cluster reaches all that the store calls so. In one cluster, a matcher on `cluster` that cannot match the id, or names
 * another, is refused; in a fleet it narrows. Refused is also a function that is not known to read only its
 * arguments, and a selector that would match everything. Where the clusters of a fleet have different namespaces,
 * what a selector stands in is repeated for each set of them and joined by `or`: their series differ in the cluster.
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
    selectsEverything(selectors) ??
    foreignCluster(query, selectors, scope) ??
    scopeSelectors(query, selectors, scope)
  );
}

/** The selectors that take the place of one `match[]`. */
export interface ScopedMatchers {
  readonly ok: true;
  /** One; for a fleet whose clusters have different namespaces one for each set of them. */
  readonly selectors: readonly string[];
}

/**
 * As `scopeQuery`, for a `match[]` parameter: exactly one vector selector and nothing else. Without one the
 * selectors are those of the whole scope, and none where it has no limit.
 */
export function scopeMatchers(
  match: string | undefined,
  scope: Scope,
  limits: ScopeLimits = {},
): ScopedMatchers | Refusal {
  if (match === undefined) {
    const matchers = enforcedMatchers(scope)([]).filter(({ length }) => length > 0);
    return { ok: true, selectors: matchers.map((all) => `{${all.map(writeMatcher).join(',')}}`) };
  }
  const parsed = parseSelector(match, limits.maxLength);
  if (!parsed.ok) return parsed;
  const { selector } = parsed;
  const objection = selectsEverything([selector]) ?? foreignCluster(match, [selector], scope);
  if (objection) return objection;
  const alternatives = enforcedMatchers(scope)(selector.matchers);
  const selectors = alternatives.map((enforced) =>
    insert(match, insertionsInto(selector, scope, enforced)),
  );
  return { ok: true, selectors };
}

/** The first call of something that is not on the list, as a refusal. */
function forbiddenCall(calls: readonly Call[]): Refusal | undefined {
  const call = calls.find(({ name, kind }) => !isAllowedCall(name, kind));
  return (
    call &&
    refused(`${call.name}() is not allowed: it may read series of other clusters`, call.from)
  );
}

/** The caller's first matcher that asks for another cluster than the one that is to be seen. */
function foreignCluster(
  text: string,
  selectors: readonly Selector[],
  scope: Scope,
): Refusal | undefined {
  if ('clusters' in scope) return undefined;
  const objectionTo = clusterMatcherCheck(scope.cluster, labelsOf(scope, scope.cluster));
  for (const matcher of selectors.flatMap(({ matchers }) => matchers)) {
    const reason = matcher.label === 'cluster' ? objectionTo(matcher) : undefined;
    if (reason === undefined) continue;
    const own = text.slice(matcher.from, matcher.to);
    // It may be no regular expression at all: the store can say so.
    return reason === unjudged
      ? unparsable(`the matcher ${own} cannot be judged`, matcher.from)
      : refused(`The matcher ${own} is not allowed: ${reason}`, matcher.from);
  }
  return undefined;
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
  const matchersFor = enforcedMatchers(scope);
  const insertions: Insertion[] = [];
  let length = text.length;
  for (const selector of selectors) {
    const alternatives = matchersFor(selector.matchers);
    const own =
      alternatives.length > 1
        ? joined(text, selector, scope, alternatives)
        : insertionsInto(selector, scope, alternatives[0]);
    if (own === undefined) return severalNamespaces(selector);
    insertions.push(...own);
    length = own.reduce((sum, { text: inserted }) => sum + inserted.length, length);
    if (length > maxScopedLength) {
      return overLimit(
        `With the clusters that may be seen the query has more than ${maxScopedLength} characters: name some`,
        selector.from,
      );
    }
  }
  return { ok: true, query: insert(text, insertions), selectors: selectors.length, insertions };
}

/** What a selector stands in for each set of matchers, joined by `or`; undefined where that would say something else. */
function joined(
  text: string,
  selector: Selector,
  scope: Scope,
  [first, ...others]: readonly (readonly LabelMatcher[])[],
): Insertion[] | undefined {
  const { unit } = selector;
  // With another selector in it, what is repeated would have to be repeated in itself.
  if (unit?.selectors !== 1 || others.length >= maxAlternatives) return undefined;
  return [
    { at: unit.from, text: unit.followsGroup ? '() (' : '(' },
    ...insertionsInto(selector, scope, first),
    ...others.flatMap((enforced) => [
      { at: unit.to, text: ' or ' },
      ...repeat(text, unit, insertionsInto(selector, scope, enforced)),
    ]),
    { at: unit.to, text: ')' },
  ];
}

const severalNamespaces = ({ from }: Selector): Refusal =>
  refused(
    'The clusters of this selector have different namespaces, and it cannot be asked for each: name one cluster, or several with the same',
    from,
  );

function insertionsInto(
  selector: Selector,
  scope: Scope,
  enforced: readonly LabelMatcher[] = [],
): Insertion[] {
  const missing = enforced.filter((matcher) => !hasMatcher(selector, matcher));
  return [
    ...selector.matchers.flatMap((matcher) => otherSpellings(matcher, scope)),
    ...(missing.length === 0 ? [] : [insertion(selector, missing.map(writeMatcher).join(','))]),
  ];
}

/** Makes `cluster="id"` `cluster=~"id|ID"`, where the store has the latter. */
function otherSpellings({ label, op, value, to, opEnd = to }: PlacedMatcher, scope: Scope) {
  if (label !== 'cluster' || op !== '=') return [];
  const others = labelsOf(scope, value).filter((spelling) => spelling !== value);
  if (others.length === 0) return [];
  const text = others.map((other) => `|${escapeRegex(other)}`).join('');
  return [
    { at: opEnd, text: '~' },
    { at: to - 1, text },
  ];
}

/** After the last matcher, so that trailing commas and comments stay where they were. */
function insertion(selector: Selector, matchers: string): Insertion {
  const last = selector.matchers.at(-1);
  if (last) return { at: last.to, text: `,${matchers}` };
  if (selector.brace !== undefined) return { at: selector.brace + 1, text: matchers };
  return { at: selector.to, text: `{${matchers}}` };
}
