import { metricNames, scopeMatchers, scopeQuery, lintScope } from '@bud-monitoring/promql';
import { startStack } from '@bud-monitoring/stack';
import type { Stack } from '@bud-monitoring/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { cluster, namespaces } from './fleet.js';
import { hostileTexts } from './hostile.js';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 300) * 4;
const seed = Number(process.env['PROPERTY_SEED'] ?? (runs >= 10_000 ? Date.now() % 1e9 : 1));
const batch = 16;
const scope = { cluster, namespaces };

const texts = fc.oneof(
  { weight: 4, arbitrary: hostileTexts },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);

describe('any text at all', () => {
  const options = { numRuns: runs, seed };

  it('is read or refused, and never throws', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(typeof scopeQuery(text, scope).ok).toBe('boolean');
        expect(typeof scopeMatchers(text, scope).ok).toBe('boolean');
        expect(Array.isArray(lintScope(text, cluster))).toBe(true);
        expect(Array.isArray(metricNames(text))).toBe(true);
      }),
      options,
    );
  });

  it('is scoped once: what is scoped stays as it is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = scopeQuery(text, scope);
        const twice = once.ok ? scopeQuery(once.query, scope) : once;

        const isKept = once.ok ? { ...once, insertions: [] } : once;
        expect(twice).toEqual(isKept);
      }),
      options,
    );
  });

  it('is without unscoped selectors once it is scoped', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const scoped = scopeQuery(text, { cluster });

        expect(scoped.ok ? lintScope(scoped.query, cluster) : []).toEqual([]);
      }),
      options,
    );
  });
});

describe("in the store's own words", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      prometheus: {
        version: '3',
        flags: [
          '--enable-feature=promql-experimental-functions,promql-binop-fill-modifiers,promql-unquoted-utf8-names',
        ],
      },
    });
  }, 300_000);
  afterAll(async () => {
    await stack.stop();
  });

  /** The matchers of each selector in a query, as Prometheus reads it; undefined if it is no PromQL. */
  async function selectorsOf(query: string): Promise<Matcher[][] | undefined> {
    const response = await fetch(`${stack.prometheus?.url ?? ''}/api/v1/parse_query`, {
      method: 'POST',
      body: new URLSearchParams({ query }),
    });
    // Not PromQL; or, with an infinite number in fill(), a tree that Prometheus cannot write as JSON.
    if (!response.ok) return undefined;
    const body = (await response.json()) as { data?: unknown };
    return [...matchersIn(body.data)];
  }

  let understood = 0;

  async function isScoped(text: string): Promise<boolean> {
    const scoped = scopeQuery(text, { cluster });
    if (!scoped.ok) return true;
    const selectors = await selectorsOf(scoped.query);
    if (!selectors) return true;
    understood += 1;
    return (
      selectors.length === scoped.selectors &&
      selectors.every((matchers) =>
        matchers.some(
          ({ name, type, value }) => name === 'cluster' && type === '=' && value === cluster,
        ),
      )
    );
  }

  it(
    'every selector of a scoped text carries the cluster, and none is overlooked',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(hostileTexts, { minLength: batch, maxLength: batch }),
          async (list) => {
            const verdicts = await Promise.all(list.map(isScoped));

            expect(list.filter((_, index) => verdicts[index] !== true)).toEqual([]);
          },
        ),
        { numRuns: Math.ceil(runs / batch), seed },
      );

      process.stdout.write(
        `hostile: seed ${seed}, ${runs} texts, ${understood} scoped and parsed\n`,
      );
      expect(understood).toBeGreaterThan(runs / 20);
    },
    60_000 + runs * 20,
  );
});

interface Matcher {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Every list of matchers in a tree of the parse_query route. */
function* matchersIn(node: unknown): Generator<Matcher[]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'matchers' && Array.isArray(value)) yield value as Matcher[];
    else yield* matchersIn(value);
  }
}
