import type { ClusterId, TemplateProblem } from '@bud-monitoring/contracts';
import { withSortedKeys, type Json, type JsonObject } from './json.js';
import { fill } from './variables.js';
import { sample, scopeProblems } from './scope.js';

/** A template for one data source, proven to be scoped; not ok where a query is not. */
export type Prepared =
  | {
      ok: true;
      /** The template with both variables filled in; shares with others what no variable touches. */
      forCluster: (id: ClusterId) => JsonObject;
    }
  | { ok: false; problems: TemplateProblem[] };

/** What Grafana gives out itself, or what only an import by hand needs. */
export const notOurs = [
  'id',
  'version',
  'iteration',
  'gnetId',
  '__inputs',
  '__requires',
  '__elements',
];

/**
 * Fills in a data source, and the sample for the cluster. What is proven then is proven for every
 * cluster: the sample stands inside of texts only, where one id in place of another changes nothing of
 * what is read. A template that names the sample itself cannot be told from that, and is refused.
 */
export function prepare(template: JsonObject, datasource: string): Prepared {
  if (namesSample(template)) return { ok: false, problems: [sampleNamed] };
  const values = { cluster: sample.cluster, datasource };
  // As Grafana will have it, for which what it then answers need not be sorted again.
  const filled = withSortedKeys(fill(template, values) as JsonObject);
  for (const key of notOurs) Reflect.deleteProperty(filled, key);
  const problems = scopeProblems(filled, values);
  if (problems.length > 0) return { ok: false, problems };
  const parts: Parts = new Map();
  collectParts(filled, parts);
  return { ok: true, forCluster: (id) => substitute(filled, id, parts) as JsonObject };
}

/** Why a template that names the sample is of no use. */
export const sampleNamed: TemplateProblem = {
  severity: 'error',
  path: '',
  message: `must not name the cluster ${sample.cluster}`,
};

export function namesSample(template: JsonObject): boolean {
  return JSON.stringify(template).includes(sample.cluster);
}

/** The lists and objects with the sample somewhere inside, and under which keys. */
type Parts = Map<Json, string[]>;

/** Collects what `node` has of the sample; tells whether it has any. */
function collectParts(node: Json, parts: Parts): boolean {
  if (typeof node === 'string') return node.includes(sample.cluster);
  if (typeof node !== 'object' || node === null) return false;
  const keys = Object.entries(node).flatMap(([key, item]) =>
    collectParts(item, parts) ? [key] : [],
  );
  if (keys.length > 0) parts.set(node, keys);
  return keys.length > 0;
}

/** A copy of `node`, as far as the sample is in it. */
function substitute(node: Json, id: ClusterId, parts: Parts): Json {
  if (typeof node === 'string') return node.replaceAll(sample.cluster, id);
  const copy = (Array.isArray(node) ? [...node] : { ...(node as JsonObject) }) as JsonObject;
  for (const key of parts.get(node) ?? []) copy[key] = substitute(copy[key] ?? null, id, parts);
  return copy;
}
