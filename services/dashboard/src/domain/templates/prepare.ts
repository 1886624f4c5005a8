import type { TemplateProblem } from '@bud-monitoring/contracts';
import { escapeRegex } from '@bud-monitoring/promql';
import { withSortedKeys, type Json, type JsonObject } from './json.js';
import { sampleValues, scopeProblems } from './scope.js';
import { withoutServerFields } from './server-fields.js';
import { interpolate } from './variables.js';

/** A template for one data source and one window of rates, proven to be scoped; not ok where a query is not. */
export type PreparedTemplate =
  | {
      ok: true;
      /**
       * The template with both variables filled in, for the cluster with these labels; shares the parts without
       * variables.
       */
      forCluster: (labels: readonly string[]) => JsonObject;
    }
  | { ok: false; problems: TemplateProblem[] };

/** What is the same for many clusters. */
export interface PrepareInput {
  datasourceUid: string;
  /** What stands in place of `$__rate_interval`, such as `4m`; null where that stays. */
  rateWindow: string | null;
}

/**
 * Fills in a data source, and the sample cluster. What is proven then is proven for every cluster: the
 * sample occurs inside of strings only, where one id in place of another does not change how a query
 * is parsed. A template that names the sample itself cannot be told from that, and is refused.
 */
export function prepare(
  template: JsonObject,
  { datasourceUid, rateWindow }: PrepareInput,
): PreparedTemplate {
  if (namesSample(template)) return { ok: false, problems: [sampleNamed] };
  const values = { cluster: sampleValues.cluster, datasource: datasourceUid, rateWindow };
  // In the order in which Grafana stores it, so that its answers need not be sorted again.
  const filled = withoutServerFields(withSortedKeys(interpolate(template, values) as JsonObject));
  const problems = scopeProblems(filled, values);
  if (problems.length > 0) return { ok: false, problems };
  const parts: Parts = new Map();
  collectParts(filled, parts);
  return {
    ok: true,
    forCluster: (labels) => substitute(filled, namesIn(labels), parts) as JsonObject,
  };
}

/** The problem of a template that names the sample cluster. */
export const sampleNamed: TemplateProblem = {
  severity: 'error',
  path: '',
  message: `must not name the cluster ${sampleValues.cluster}`,
};

/** Whether a template names the sample cluster. */
export function namesSample(template: JsonObject): boolean {
  return JSON.stringify(template).includes(sampleValues.cluster);
}

/** The lists and objects that contain the sample cluster, and under which keys. */
type Parts = Map<Json, string[]>;

/** Adds all lists and objects in `node` that contain the sample cluster; whether there are any. */
function collectParts(node: Json, parts: Parts): boolean {
  if (typeof node === 'string') return node.includes(sampleValues.cluster);
  if (typeof node !== 'object' || node === null) return false;
  const keys = Object.entries(node).flatMap(([key, item]) =>
    collectParts(item, parts) ? [key] : [],
  );
  if (keys.length > 0) parts.set(node, keys);
  return keys.length > 0;
}

/** Writes labels in place of the sample cluster, wherever it stands in a text. */
function namesIn([only = '', ...others]: readonly string[]): (text: string) => string {
  const named = (text: string) => text.replaceAll(sampleValues.cluster, only);
  if (others.length === 0) return named;
  // What is not written just so still shows the first of them.
  const all = [only, ...others].map(escapeRegex).join('|');
  return (text) =>
    named(text.replace(sampleMatcher, (_, quote: string) => `=~${quote}${all}${quote}`));
}

const sampleMatcher = new RegExp(`=\\s*(["'\`])${sampleValues.cluster}\\1`, 'g');

/** A copy of `node` with a cluster's labels in place of the sample; shares what does not contain it. */
function substitute(node: Json, named: (text: string) => string, parts: Parts): Json {
  if (typeof node === 'string') return named(node);
  const copy = (Array.isArray(node) ? [...node] : { ...(node as JsonObject) }) as JsonObject;
  for (const key of parts.get(node) ?? []) copy[key] = substitute(copy[key] ?? null, named, parts);
  return copy;
}
