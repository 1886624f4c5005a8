import { describe, expect, it } from '@jest/globals';
import { queryFigures } from './queries.js';

const signal = new AbortController().signal;
const long = 'x'.repeat(5_000);

describe('figures that are too long for one expression', () => {
  const figures = [
    { figure: 'a', expr: `one(${long})` },
    { figure: 'b', expr: `two(${long})` },
    { figure: 'c', expr: `three(${long})` },
    { figure: 'd', expr: `four(${long})` },
    { figure: 'a', expr: 'instead_of_one()' },
  ];

  it('are asked for in several, and come back together', async () => {
    const asked: string[] = [];
    const answer = await queryFigures(
      {
        query(expr) {
          asked.push(expr);
          const names = expr.includes('label_replace')
            ? [...expr.matchAll(/"figure", "(.)"/g)]
            : [['', 'd']];
          const series = names.map(([, figure = '']) => ({ metric: { figure }, value: 1 }));
          return Promise.resolve({ series, notes: [] });
        },
      },
      figures,
      { at: 0, signal },
    );
    expect(asked.every(({ length }) => length <= 16_384)).toBe(true);
    expect(asked.map((expr) => expr.replaceAll(long, '…'))).toEqual([
      'label_replace(one(…), "figure", "a", "", "") or label_replace(instead_of_one(), "figure", "a", "", "") or label_replace(two(…), "figure", "b", "", "") or label_replace(three(…), "figure", "c", "", "")',
      'four(…)',
    ]);
    expect([...answer.figures.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});
