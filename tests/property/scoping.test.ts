import { scopeQuery } from '@bud-monitoring/promql';
import type { Scope } from '@bud-monitoring/promql';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ask, hasContent, same } from './answers.js';
import type { Evaluation } from './answers.js';
import { Coverage } from './coverage.js';
import { expressions } from './expressions.js';
import type { Dialect } from './expressions.js';
import { cluster, namespaces, several } from './fleet.js';
import { startStores } from './stores.js';
import type { Stores } from './stores.js';
import { write } from './text.js';
import type { Kind, Text } from './text.js';

/** `PROPERTY_RUNS=10000` for the long form; its seed is new each time, `PROPERTY_SEED` gives one again. */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 300);
const isLong = runs >= 10_000;
const seed = Number(process.env['PROPERTY_SEED'] ?? (isLong ? Date.now() % 1_000_000_000 : 1));

/** So many queries are asked at a time. */
const batch = 16;

interface Case {
  readonly text: Text;
  readonly absent: boolean;
  readonly evaluation: Evaluation;
  readonly limited: boolean;
}

/** VictoriaMetrics fills gaps left of `or` with what it meets first on the right, which depends on what else it holds. */
const isDecided = (text: Text): boolean => !/\bor\b/i.test(write(text));

/** VictoriaMetrics reads a subquery of a selector that no call reads, which Prometheus refuses, as a range. */
const isSubqueryAlone = (scoped: string): boolean => /\}\)+\s*\[[^\]]*:/.test(scoped);

/** VictoriaMetrics' label_join reads a destination that is a source, too, while it writes it. */
const joinsIntoSource = (query: string): boolean =>
  query.includes(`, 'cluster', "-", "job", "cluster")`);

const coverage = new Coverage();
const outcomes = { content: 0, empty: 0, error: 0 };

const dialects: { dialect: Dialect; share: number }[] = [
  { dialect: '3.16', share: 1 },
  // What the others alone know is little: in short they need not be asked as often.
  { dialect: '2.42', share: isLong ? 1 : 0.3 },
  { dialect: 'VictoriaMetrics', share: isLong ? 1 : 0.3 },
];

afterAll(() => {
  const { content, empty, error } = outcomes;
  process.stdout.write(
    `scoping: seed ${seed}, ${runs} runs; answers with content ${content}, empty ${empty}, ` +
      `errors ${error}\n${isLong ? `met: ${coverage.toString()}\n` : ''}`,
  );
});

describe.each(dialects)('on $dialect', ({ dialect, share }) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await startStores(dialect, seed);
  }, 300_000);
  afterAll(async () => {
    await stores[Symbol.asyncDispose]();
  });

  const cases: fc.Arbitrary<Case> = fc.oneof(
    ...expressions(dialect).map(({ texts, absent }, index) => ({
      weight: [12, 3, 1, 1, 1][index] ?? 1,
      arbitrary: fc.record({
        text: dialect === 'VictoriaMetrics' ? texts.filter(isDecided) : texts,
        absent: fc.constant(absent),
        evaluation: fc.constantFrom<Evaluation>('instant', 'range'),
        limited: fc.boolean(),
      }),
    })),
  );
  const batches = fc.array(cases, { minLength: batch, maxLength: batch });

  /** Asks the whole store the scoped query and the small store the query as it was. */
  async function agrees(one: Case, scoped: string): Promise<boolean> {
    const small = one.limited ? stores.namespaces : stores.cluster;
    const [ours, theirs] = await Promise.all([
      ask(stores.full, scoped, one.evaluation),
      ask(small, write(one.text), one.evaluation),
    ]);
    outcomes['error' in ours ? 'error' : hasContent(ours) ? 'content' : 'empty'] += 1;
    return same(ours, theirs, one.absent ? ['cluster', 'namespace'] : []);
  }

  async function checkBatch(list: readonly Case[], scope: (one: Case) => string): Promise<void> {
    const verdicts = await Promise.all(list.map((one) => agrees(one, scope(one))));
    const wrong = list.filter((_, index) => verdicts[index] !== true);
    if (wrong.length === 0) return;
    throw new Error(
      wrong
        .map((one) => `${one.evaluation} ${scope(one)}\n  is not\n${write(one.text)}`)
        .join('\n\n'),
    );
  }

  const scopeOf = (limited: boolean): Scope => ({ cluster, ...(limited && { namespaces }) });
  const matchers = (limited: boolean): string =>
    `cluster="${cluster}"${limited ? `,namespace=~"${namespaces.join('|')}"` : ''}`;

  function scoped({ text, limited }: Case): string {
    const query = write(text);
    coverage.add(query);
    const result = scopeQuery(query, scopeOf(limited));
    if (!result.ok) throw new Error(`${result.reason}: ${query}`);
    if (result.query !== write(text, matchers(limited))) throw new Error(`not as it was: ${query}`);
    return result.query;
  }

  it(
    'a scoped query answers what the query answers where there is nothing else',
    async () => {
      await fc.assert(
        fc.asyncProperty(batches, (list) => checkBatch(list, scoped)),
        { numRuns: Math.ceil((runs * share) / batch), seed, endOnFailure: isLong },
      );
    },
    60_000 + runs * 60,
  );

  it(
    'a query over clusters with different namespaces answers what it answers where there is nothing else',
    async () => {
      const asked = { scoped: 0, refused: 0 };
      const agree = async ({ text, absent, evaluation }: Case): Promise<void> => {
        const query = write(text);
        const result = scopeQuery(query, { clusters: several });
        asked[result.ok ? 'scoped' : 'refused'] += 1;
        // What is absent is told by the labels of a selector; these are several. `limitk` takes any.
        if (!result.ok || absent || /limitk|absent/i.test(query)) return;
        if (
          dialect === 'VictoriaMetrics' &&
          (isSubqueryAlone(result.query) || joinsIntoSource(query))
        )
          return;
        const [ours, theirs] = await Promise.all([
          ask(stores.full, result.query, evaluation),
          ask(stores.several, query, evaluation),
        ]);
        if (!same(ours, theirs))
          throw new Error(`${evaluation} ${result.query}\n  is not\n${query}`);
      };
      await fc.assert(
        fc.asyncProperty(batches, async (list) => {
          await Promise.all(list.map(agree));
        }),
        { numRuns: Math.ceil((runs * share) / batch), seed, endOnFailure: isLong },
      );
      expect(asked.scoped).toBeGreaterThan(asked.refused);
    },
    60_000 + runs * 60,
  );

  it.each<Kind>([
    'bare',
    'empty braces',
    'with matchers',
    ...(dialect === '3.16' ? (['quoted name'] as const) : []),
    'range',
    'subquery',
    'right operand',
    'aggregated',
    'aggregation parameter',
    'later argument',
    'offset or @',
  ])(
    'a forgotten selector is seen: %s',
    async (forgotten) => {
      const { errorInstance } = await fc.check(
        fc.asyncProperty(batches, (list) =>
          checkBatch(list, ({ text, limited }) => write(text, matchers(limited), forgotten)),
        ),
        { numRuns: 60, seed, endOnFailure: true },
      );

      expect(errorInstance).toMatchObject({ message: expect.stringContaining('is not') });
    },
    120_000,
  );
});

describe('all of them together', () => {
  it('meet every node of the grammar and every function often enough', () => {
    expect(coverage.rarerThan(isLong ? 50 : 0)).toEqual([]);
  });
});
