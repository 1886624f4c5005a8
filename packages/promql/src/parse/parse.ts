import type { PartialParse, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

import { readTokens } from './lexer.js';
import { unparsable } from '../refusal.js';
import type { Refusal } from '../refusal.js';

/**
 * Default for the length of a query, in UTF-16 units. The longest expressions of public dashboards and rules
 * have some 3,000; long ones are long by the strings in them, which cost little.
 */
export const defaultMaxLength = 32_768;

// The first error ends the parse: recovery costs up to ten times the parse and its tree is of no use.
const strict = parser.configure({ strict: true, top: 'PromQL' });

/** Parses, or says where the text is no PromQL. A tree that comes back has no error node. */
export function parse(text: string, maxLength: number): { ok: true; tree: Tree } | Refusal {
  const read = readTokens(text, maxLength);
  if (!read.ok) return read;
  let tree: Tree;
  try {
    tree = parseAll(read.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = Number(/\d+$/.exec(error.message)?.[0] ?? 0);
    return unparsable(`no PromQL from position ${position} on`, position);
  }
  const broken = firstError(tree);
  return broken === undefined
    ? { ok: true, tree }
    : unparsable(`no PromQL from position ${broken} on`, broken);
}

/**
 * As the parser's own `parse`, which breaks off after some hundred operands in a row (`a+a+…`), as an editor's tree
 * must not be deep. Ours is walked without recursion, and has as many words and signs as `readTokens` lets through.
 */
function parseAll(text: string): Tree {
  const run = strict.startParse(text) as PartialParse & { bigReductionCount?: number };
  for (;;) {
    const tree = run.advance();
    if (tree) return tree;
    run.bigReductionCount = 0;
  }
}

function firstError(tree: Tree): number | undefined {
  const cursor = tree.cursor();
  do {
    if (cursor.type.isError) return cursor.from;
  } while (cursor.next());
  return undefined;
}
