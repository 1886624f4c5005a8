import { isJsonObject, type Json } from './json.js';

/** What the two variables of a template become for one cluster. */
export interface Values {
  cluster: string;
  datasource: string;
}

const placeholder = /\$\{(cluster|datasource)\}|\$(cluster|datasource)(?![A-Za-z0-9_])/g;

function fillText(text: string, values: Values): string {
  return text.replace(
    placeholder,
    (_, braced: keyof Values | undefined, bare: keyof Values) => values[braced ?? bare],
  );
}

function fillAll(node: Json, values: Values): Json {
  if (typeof node === 'string') return fillText(node, values);
  if (Array.isArray(node)) return node.map((item) => fillAll(item, values));
  if (!isJsonObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => [key, fillAll(item, values)]),
  );
}

/** The keys whose whole content is a query or names a data source. */
const filled = new Set(['targets', 'datasource', 'annotations']);

/**
 * A copy of a dashboard with `$cluster`, `${cluster}`, `$datasource` and `${datasource}` filled in
 * inside queries and data sources. Titles and texts stay as they are.
 */
export function fill(node: Json, values: Values): Json {
  if (Array.isArray(node)) return node.map((item) => fill(item, values));
  if (!isJsonObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => [
      key,
      filled.has(key) ? fillAll(item, values) : fill(item, values),
    ]),
  );
}

/** The variables that are left in a text: `$name`, `${name}`, `${name:format}`, `[[name]]`. */
export function variablesIn(text: string): string[] {
  return text.match(/\$\{[^}]*\}|\$[A-Za-z_]\w*|\[\[[^\]]*\]\]/g) ?? [];
}
