import { scopeQuery } from '@bud-monitoring/promql';
import { thousandExpressions } from '../expressions.js';
import { median, type Rows } from '../rows.js';

const cluster = '0f000000-0000-4000-8000-00000000b001';
const warmUps = 5;
const rounds = 20;

/** Scopes each of a thousand expressions many times. */
export async function measureScoping(rows: Rows): Promise<void> {
  const expressions = await thousandExpressions(cluster);
  const taken = expressions.map((): number[] => []);
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [index, text] of expressions.entries()) {
      const began = performance.now();
      const scoped = scopeQuery(text, { cluster });
      const ms = performance.now() - began;
      if (!scoped.ok) throw new Error(`${text} is refused: ${scoped.reason}`);
      if (round >= 0) taken[index]?.push(ms);
    }
  }
  const at = (figures: readonly number[], share: number) =>
    ([...figures].sort((a, b) => a - b)[Math.floor(share * figures.length)] ?? NaN).toFixed(3);
  // Of each expression the median: what else the machine does is no part of it.
  const usual = taken.map(median);
  const all = taken.flat();
  const lengths = expressions.map(({ length }) => length).sort((a, b) => a - b);
  rows.add(
    `scoping one of ${expressions.length} expressions of ${lengths[0] ?? 0} to ${lengths.at(-1) ?? 0} characters (median ${lengths[500] ?? 0}), ${rounds} times each`,
    `p50 ${at(usual, 0.5)} ms, p99 ${at(usual, 0.99)} ms over the expressions' medians (p99 ${at(all, 0.99)} ms over all single times)`,
    'p99 below 0.4 ms',
  );
}
