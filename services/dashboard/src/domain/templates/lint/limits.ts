import type { Json } from '../json.js';

/**
 * How large a template may be. Five times the largest of ours, and a check of all of it takes less than
 * 50 ms: nothing else is served meanwhile.
 */
const limits = {
  /** Objects, lists and values. */
  nodes: 20_000,
  depth: 40,
  panels: 200,
  /** Characters of all queries together. */
  queryLength: 60_000,
} as const;

/** What of a template exceeds the limits, as a sentence; null for nothing. It looks at each node once. */
export function exceededLimit(template: Json): string | null {
  let nodes = 0;
  let panels = 0;
  let queryLength = 0;
  const left: [node: Json, depth: number][] = [[template, 0]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [node, depth] = next;
    nodes += 1;
    if (nodes + left.length > limits.nodes) return `holds more than ${limits.nodes} values`;
    if (depth > limits.depth) return `is nested deeper than ${limits.depth} levels`;
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, child] of Object.entries(node)) {
      if (key === 'expr' && typeof child === 'string') queryLength += child.length;
      if (key === 'panels' && Array.isArray(child)) panels += child.length;
      left.push([child, depth + 1]);
    }
    if (panels > limits.panels) return `has more than ${limits.panels} panels`;
    if (queryLength > limits.queryLength) {
      return `has queries of more than ${limits.queryLength} characters in all`;
    }
  }
  return null;
}
