import { parser } from '@prometheus-io/lezer-promql';

/** Flags under which prom-label-proxy 0.15 reads what Prometheus 3.16 reads, and refuses other clusters. */
export const labelProxyFlags = [
  '-error-on-replace',
  '-enable-promql-experimental-functions',
  '-enable-promql-binop-fill-modifiers',
  '-enable-promql-duration-expression-parsing',
  '-enable-promql-extended-range-selectors',
];

/** The same of Prometheus itself. */
export const promqlFeatures = [
  'promql-experimental-functions',
  'promql-binop-fill-modifiers',
  'promql-duration-expr',
  'promql-extended-range-selectors',
];

/**
 * Whether an aggregation has a selector in its parameter: `topk(scalar(count(up)), x)`. prom-label-proxy
 * enforces its matcher on the aggregated expression only, so that its parameter is computed from the
 * series of every cluster.
 */
export function selectsInAggregationParameter(query: string): boolean {
  let found = false;
  parser.parse(query).iterate({
    enter: ({ name, node }) => {
      if (name !== 'AggregateExpr') return;
      const body = node.getChild('FunctionCallBody');
      const parameter = body?.firstChild;
      if (!body || !parameter || body.lastChild === null) return;
      if (parameter.to === body.lastChild.to) return;
      parameter.cursor().iterate((inner) => {
        found ||= inner.name === 'VectorSelector' && inner.to <= parameter.to;
      });
    },
  });
  return found;
}

/**
 * What prom-label-proxy refuses and we answer: functions that its parser, which is older, does not know
 * yet; and the empty selector, which we read as all series of the cluster.
 */
export const onlyWeAnswer: readonly ((query: string) => boolean)[] = [
  (query) => /\b(?:integral|start_timestamp)\s*\(/.test(query),
  (query) => /\{(?:\s|#[^\n]*\n)*\}/.test(query),
];

const strictGrammar = parser.configure({ strict: true });

/** Functions that the grammar lacks; we read them all the same. */
const readWithoutGrammar = /\b(?:holt_winters|integral|max_of|min_of)\s*\(/;

/** Whether lezer-promql, whose grammar is ours, cannot parse what Prometheus can: `5.`, a metric `offset`. */
function grammarRefuses(query: string): boolean {
  if (readWithoutGrammar.test(query)) return false;
  try {
    strictGrammar.parse(query);
    return false;
  } catch {
    return true;
  }
}

/**
 * What we refuse and prom-label-proxy hands on: what the grammar cannot parse; a carriage return in a
 * comment, which ends it for the store but not for the grammar; and `info()`, which joins series that no
 * selector names.
 */
export const onlyTheyAnswer: readonly ((query: string) => boolean)[] = [
  grammarRefuses,
  (query) => /#[^\n]*\r/.test(query),
  (query) => /\binfo\s*\(/.test(query),
];
