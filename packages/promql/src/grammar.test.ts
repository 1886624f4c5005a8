import { NodeProp } from '@lezer/common';
import { describe, expect, it } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';

import * as promql from './index.js';

const { allowedAggregations, allowedFunctions, scopeQuery } = promql;

describe('the grammar', () => {
  it('has no kind of expression that nobody has judged', () => {
    const expressions = parser.nodeSet.types
      .filter((type) => type.prop(NodeProp.group)?.includes('Expr'))
      .map(({ name }) => name)
      .sort();

    // A new one may read series without a VectorSelector in it: look, then add it here.
    expect(expressions).toEqual([
      'AggregateExpr',
      'AnchoredExpr',
      'BinaryExpr',
      'FunctionCall',
      'MatrixSelector',
      'NumberDurationLiteral',
      'OffsetExpr',
      'ParenExpr',
      'SmoothedExpr',
      'StepInvariantExpr',
      'StringLiteral',
      'SubqueryExpr',
      'UnaryExpr',
      'VectorSelector',
    ]);
  });

  it.each(allowedFunctions)('takes %s() and scopes its argument', (name) => {
    expect(scopeQuery(`${name}(a)`, { cluster: 'me' })).toMatchObject({
      ok: true,
      query: `${name}(a{cluster="me"})`,
    });
  });

  it.each(allowedAggregations)('takes %s and scopes its argument, in any case', (name) => {
    const query = `${name.toUpperCase()} by (b) (a)`;

    expect(scopeQuery(query, { cluster: 'me' })).toMatchObject({
      ok: true,
      query: `${name.toUpperCase()} by (b) (a{cluster="me"})`,
    });
  });
});

describe('a long query', () => {
  it.each(['temp', 'temp{a="b"}', '(a)', 'rate(temp[5m])', '"x"', '1'])(
    'has as many operands in a row as words and signs may be: %s',
    (operand) => {
      const words = operand.match(/\w+|"\w*"|\S/g)?.length ?? 1;
      const count = Math.floor(2500 / (words + 1));
      const scoped = promql.scopeQuery(Array(count).fill(operand).join('+'), { cluster: 'me' });
      expect(scoped).toMatchObject({ ok: true, selectors: /temp|a/.test(operand) ? count : 0 });
    },
  );
});

describe('the package', () => {
  it('shows these names and no other', () => {
    expect(Object.keys(promql).sort()).toEqual([
      'allowedAggregations',
      'allowedFunctions',
      'callerMessages',
      'defaultMaxLength',
      'durationSeconds',
      'escapeRegex',
      'lintScope',
      'matcherTest',
      'maxScopedLength',
      'metricNames',
      'parseMatchers',
      'parseRegex',
      'quoteLabelValue',
      'scopeMatchers',
      'scopeQuery',
      'selector',
      'writeMatcher',
    ]);
  });
});
