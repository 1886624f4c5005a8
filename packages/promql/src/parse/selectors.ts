import type { Tree, TreeCursor } from '@lezer/common';

import type { LabelMatcher, MatchOperator } from '../matchers.js';
import { unquote } from '../strings.js';

/** A matcher as it stands in the text; a quoted metric name counts as one on `__name__`. */
export interface PlacedMatcher extends LabelMatcher {
  readonly from: number;
  readonly to: number;
  /** Where the operator ends; absent on a quoted metric name. */
  readonly opEnd?: number;
}

/** A vector selector as it stands in the text; a range selector holds one. */
export interface Selector {
  readonly from: number;
  readonly to: number;
  readonly matchers: readonly PlacedMatcher[];
  /** The name before the braces. */
  readonly name?: string;
  /** Where the braces open; absent on a bare name. */
  readonly brace?: number;
}

export interface Call {
  readonly name: string;
  readonly kind: 'function' | 'aggregation';
  readonly from: number;
}

/** A duration or a number in its place: of a range, an offset or a step. */
export interface Duration {
  readonly text: string;
  readonly from: number;
}

/** Every selector, call and duration of a parsed query, in the order of the text. */
export function readTree(
  tree: Tree,
  text: string,
): { selectors: Selector[]; calls: Call[]; durations: Duration[] } {
  const selectors: Selector[] = [];
  const calls: Call[] = [];
  const durations: Duration[] = [];
  const cursor = tree.cursor();
  do {
    const { name, from, to } = cursor;
    if (name === 'VectorSelector') {
      selectors.push(readSelector(cursor, text));
    } else if (name === 'FunctionIdentifier') {
      calls.push({ name: text.slice(from, to), kind: 'function', from });
    } else if (name === 'AggregateOp') {
      calls.push({ name: text.slice(from, to), kind: 'aggregation', from });
    } else if (name === 'NumberDurationLiteralInDurationContext') {
      durations.push({ text: text.slice(from, to), from });
    }
  } while (cursor.next());
  return { selectors, calls, durations };
}

function readSelector(cursor: TreeCursor, text: string): Selector {
  const { from, to } = cursor;
  const matchers: PlacedMatcher[] = [];
  const found: { name?: string; brace?: number } = {};
  cursor.firstChild();
  do {
    if (cursor.name === 'Identifier') {
      found.name = text.slice(cursor.from, cursor.to);
    } else if (cursor.name === 'LabelMatchers') {
      found.brace = cursor.from;
      if (cursor.firstChild()) {
        do {
          if (!cursor.type.isSkipped) matchers.push(readMatcher(cursor, text));
        } while (cursor.nextSibling());
        cursor.parent();
      }
    }
  } while (cursor.nextSibling());
  cursor.parent();
  return { from, to, matchers, ...found };
}

function readMatcher(cursor: TreeCursor, text: string): PlacedMatcher {
  const { from, to } = cursor;
  if (cursor.name === 'QuotedLabelName') {
    return { from, to, label: '__name__', op: '=', value: unquote(text.slice(from, to)) };
  }
  let label = '';
  let op: MatchOperator = '=';
  let value = '';
  let opEnd = from;
  cursor.firstChild();
  do {
    const part = text.slice(cursor.from, cursor.to);
    if (cursor.name === 'LabelName') label = part;
    else if (cursor.name === 'QuotedLabelName') label = unquote(part);
    else if (cursor.name === 'MatchOp') [op, opEnd] = [part as MatchOperator, cursor.to];
    else if (cursor.name === 'StringLiteral') value = unquote(part);
  } while (cursor.nextSibling());
  cursor.parent();
  return { from, to, opEnd, label, op, value };
}
