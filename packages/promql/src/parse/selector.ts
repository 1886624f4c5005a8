import { matchesEmpty } from '../match.js';
import type { LabelMatcher } from '../matchers.js';
import { invalid, unparsable } from '../refusal.js';
import type { Refusal } from '../refusal.js';
import { defaultMaxLength, parse } from './parse.js';
import { readTree } from './selectors.js';
import type { Selector } from './selectors.js';

/** Reads a text that is one vector selector and nothing else, as a `match[]` is. */
export function parseSelector(
  text: string,
  maxLength = defaultMaxLength,
): { ok: true; selector: Selector } | Refusal {
  const parsed = parse(text, maxLength);
  if (!parsed.ok) return parsed;
  const { firstChild } = parsed.tree.topNode;
  const only = firstChild?.type.isSkipped === true ? firstChild.nextSibling : firstChild;
  const [selector] = readTree(parsed.tree, text).selectors;
  return only?.name === 'VectorSelector' && selector !== undefined
    ? { ok: true, selector }
    : invalid('A match[] takes one series selector and nothing else', only?.from ?? 0);
}

/** Selectors without a name that are looked at for matching everything; queries have one or two. */
const maxUnnamed = 10;

/** The first selector that Prometheus refuses since nothing in it leaves anything out. */
export function selectsEverything(selectors: readonly Selector[]): Refusal | undefined {
  const found = selectors
    .filter(({ name }) => name === undefined)
    .slice(0, maxUnnamed)
    .find(({ matchers }) => matchers.every((matcher) => matchesEmpty(matcher) === true));
  return (
    found && invalid('vector selector must contain at least one non-empty matcher', found.from)
  );
}

/**
 * The matchers of such a text, its metric name as one on `__name__`, where they leave anything out and all of their
 * regular expressions can be read.
 */
export function parseMatchers(
  text: string,
  maxLength = defaultMaxLength,
): { ok: true; matchers: readonly LabelMatcher[] } | Refusal {
  const parsed = parseSelector(text, maxLength);
  if (!parsed.ok) return parsed;
  const { name, matchers } = parsed.selector;
  const everything = selectsEverything([parsed.selector]);
  if (everything) return everything;
  const unread = matchers.find((matcher) => matchesEmpty(matcher) === undefined);
  if (unread) {
    const own = text.slice(unread.from, unread.to);
    return unparsable(`the matcher ${own} cannot be judged`, unread.from);
  }
  const named: readonly LabelMatcher[] =
    name === undefined ? [] : [{ label: '__name__', op: '=', value: name }];
  return { ok: true, matchers: [...named, ...matchers] };
}
