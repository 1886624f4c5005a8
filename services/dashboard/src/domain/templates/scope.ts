import { lintScope, type ScopeViolation } from '@bud-monitoring/promql';
import type { TemplateProblem } from '@bud-monitoring/contracts';
import { isJsonObject, type JsonObject } from './json.js';
import { queriesOf, type QuerySite } from './queries.js';
import { ownVariables, type VariableValues } from './variables.js';

/**
 * Values for checking a template before there is a cluster. The id belongs to no cluster and is the
 * strictest of all: outside of a string its parts would be names, and so selectors, or no PromQL.
 */
export const sampleValues: VariableValues = {
  cluster: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
  datasource: 'sample',
};

/**
 * The problems for which an interpolated dashboard must not be published: a public link would
 * show another cluster's data. Every query has to be PromQL, to parse, and to carry `cluster="<id>"` on every
 * selector; and every data source has to be the configured one.
 */
export function scopeProblems(dashboard: JsonObject, values: VariableValues): TemplateProblem[] {
  return [
    ...queriesOf(dashboard).flatMap((site) => problemsOf(site, values)),
    ...ownVariables(dashboard).flatMap((variable) => variableProblems(variable, values)),
  ];
}

/** A variable that lists what is in the store lists it of the cluster alone. */
function variableProblems(variable: JsonObject, values: VariableValues): TemplateProblem[] {
  const { name, type, query, datasource } = variable;
  if (type !== 'query') return [];
  const path = `templating.${typeof name === 'string' ? name : '?'}`;
  const text = isJsonObject(query ?? null) ? (query as JsonObject)['query'] : query;
  const written = typeof text === 'string' ? text : '';
  const [, expr = ''] = /^label_values\((.+),\s*\w+\s*\)$/s.exec(written) ?? [];
  const uid = isJsonObject(datasource ?? null) ? (datasource as JsonObject)['uid'] : datasource;
  return problemsOf({ path, expr, datasource: typeof uid === 'string' ? uid : null }, values);
}

function problemsOf(site: QuerySite, values: VariableValues): TemplateProblem[] {
  const problem = (key: string, message: string): TemplateProblem[] => [
    { severity: 'error', path: `${site.path}.${key}`, message },
  ];
  if (site.datasource !== values.datasource)
    return problem('datasource', 'must be $datasource, here or on the panel');
  if (site.expr === null || site.expr.trim() === '')
    return problem('expr', 'is not a PromQL query');
  const [first] = lintScope(site.expr, values.cluster);
  return first === undefined ? [] : problem('expr', messages[first.kind](first.text));
}

const messages: Record<ScopeViolation['kind'], (text: string) => string> = {
  selector: (text) => `does not carry cluster="$cluster" in ${text}`,
  function: (name) => `uses ${name}, which may read more than its arguments`,
  unparsable: (reason) => `cannot be read: ${reason}`,
};
