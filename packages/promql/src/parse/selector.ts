import type { LabelMatcher } from '../matchers.js';
import { invalid } from '../refusal.js';
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

/** The matchers of such a text, its metric name as one on `__name__`. */
export function parseMatchers(
  text: string,
  maxLength = defaultMaxLength,
): { ok: true; matchers: readonly LabelMatcher[] } | Refusal {
  const parsed = parseSelector(text, maxLength);
  if (!parsed.ok) return parsed;
  const { name, matchers } = parsed.selector;
  const named: readonly LabelMatcher[] =
    name === undefined ? [] : [{ label: '__name__', op: '=', value: name }];
  return { ok: true, matchers: [...named, ...matchers] };
}
