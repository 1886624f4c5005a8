import type { SyntaxNode, Tree, TreeCursor } from '@lezer/common';

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
  /** The smallest part around it that may be joined by `or` with the same of other series; absent where none is. */
  readonly unit?: Unit;
}

/** A part of a query. */
export interface Unit {
  readonly from: number;
  readonly to: number;
  /** How many selectors are in it. */
  readonly selectors: number;
  /** Whether a parenthesis before it would be read as the labels of `group_left` or `group_right`. */
  readonly followsGroup: boolean;
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
      selectors.push({ ...readSelector(cursor, text), ...unitOf(cursor.node, text) });
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

/** What belongs to a selector. */
const modifiers = new Set(['OffsetExpr', 'StepInvariantExpr', 'AnchoredExpr', 'SmoothedExpr']);

/** A duration that is written out. */
const literal = /^[-+]?\s*[\w.]+$/;

/** Functions that look at the selector itself: of an expression they say something else. */
const ofSelectors = new Set(['timestamp', 'start_timestamp']);

/**
 * A vector selector with its modifiers; of a range selector, and of a subquery of nothing but a selector, the call that
 * reads it, series by series: VictoriaMetrics reads a subquery of anything else in another way. What `absent_over_time`
 * says is of all series together.
 */
function unitOf(selector: SyntaxNode, text: string): { unit?: Unit } {
  const { parent } = selector;
  const isRange = parent?.name === 'MatrixSelector';
  const modified = withModifiers(isRange ? parent : selector, text);
  if (modified === null) return {};
  const outer = outerOf(modified.last);
  const isAlone = !isRange && modified.last.from === selector.from;
  const subquery = isAlone && outer?.name === 'SubqueryExpr' ? withModifiers(outer, text) : null;
  const call = callAround(subquery?.last ?? modified.last, text);
  const readsRange = (isRange || subquery !== null) && call?.name !== 'absent_over_time';
  if (call !== null && (readsRange || ofSelectors.has(call.name))) {
    const { from, to } = call.node;
    const selectors = selectorsIn(call.node);
    return { unit: { from, to, selectors, followsGroup: followsGroup(call.node) } };
  }
  if (isRange) return {};
  const { from } = selector;
  return { unit: { from, to: modified.to, selectors: 1, followsGroup: followsGroup(selector) } };
}

/** What a node stands in, but for brackets. */
function outerOf(node: SyntaxNode): SyntaxNode | null {
  let outer = node.parent;
  while (outer?.name === 'ParenExpr') outer = outer.parent;
  return outer;
}

/** The call that has a node as an argument. */
function callAround(node: SyntaxNode, text: string): { node: SyntaxNode; name: string } | null {
  const body = outerOf(node);
  const call = body?.name === 'FunctionCallBody' ? body.parent : null;
  const identifier = call?.getChild('FunctionIdentifier');
  return call && identifier
    ? { node: call, name: text.slice(identifier.from, identifier.to) }
    : null;
}

/**
 * Where the modifiers of a selector end. The grammar puts them around the whole expression that ends with it, as in
 * `-a offset 5m`, but what they modify is the selector. `null` where an offset is computed: what follows it may be a
 * part of it.
 */
function withModifiers(
  selector: SyntaxNode,
  text: string,
): { last: SyntaxNode; to: number } | null {
  let [last, to] = [selector, selector.to];
  for (let parent = last.parent; parent !== null; parent = parent.parent) {
    const isModifier = modifiers.has(parent.name) && last.to === to;
    if (!isModifier && parent.to !== to) break;
    const offset = isModifier ? parent.getChild('OffsetDurationExpr') : null;
    if (offset !== null && !literal.test(text.slice(offset.from, offset.to))) return null;
    [last, to] = [parent, parent.to];
  }
  return { last, to };
}

function selectorsIn(call: SyntaxNode): number {
  let count = 0;
  call.cursor().iterate(({ name }) => {
    if (name === 'VectorSelector') count += 1;
  });
  return count;
}

function followsGroup(unit: SyntaxNode): boolean {
  let first = unit;
  while (first.parent?.from === unit.from) first = first.parent;
  let before = first.prevSibling;
  while (before?.name === 'LineComment') before = before.prevSibling;
  const last = before?.name === 'MatchingModifierClause' ? before.lastChild?.name : undefined;
  return last === 'GroupLeft' || last === 'GroupRight';
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
