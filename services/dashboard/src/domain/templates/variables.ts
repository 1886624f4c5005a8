import { isJsonObject, type Json, type JsonObject } from './json.js';

/** The values of a template's two variables, and of Grafana's own for rates where that is not enough. */
export interface VariableValues {
  cluster: string;
  datasource: string;
  /** A duration in place of `$__rate_interval`; without it that stays, for Grafana to fill in. */
  rateWindow?: string | null;
}

const variable = /\$\{(cluster|datasource)\}|\$(cluster|datasource)(?![A-Za-z0-9_])/g;

const rateInterval = /\$__rate_interval\b|\$\{__rate_interval\}/g;

function interpolateText(text: string, values: VariableValues): string {
  type Own = 'cluster' | 'datasource';
  const filled = text.replace(
    variable,
    (_, braced: Own | undefined, bare: Own) => values[braced ?? bare],
  );
  const { rateWindow = null } = values;
  return rateWindow === null ? filled : filled.replace(rateInterval, rateWindow);
}

function interpolateAll(node: Json, values: VariableValues): Json {
  if (typeof node === 'string') return interpolateText(node, values);
  if (Array.isArray(node)) return node.map((item) => interpolateAll(item, values));
  if (!isJsonObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => [key, interpolateAll(item, values)]),
  );
}

/** The keys whose whole content is a query or names a data source. */
const interpolatedKeys = new Set(['targets', 'datasource', 'annotations', 'templating']);

/** The variables of a dashboard but for the two that are filled in. */
export function ownVariables(dashboard: JsonObject): JsonObject[] {
  const { templating } = dashboard;
  const list = isJsonObject(templating ?? null) ? (templating as JsonObject)['list'] : null;
  return Array.isArray(list)
    ? list.filter(isJsonObject).filter(({ name }) => name !== 'cluster' && name !== 'datasource')
    : [];
}

/**
 * A copy of a dashboard with `$cluster`, `${cluster}`, `$datasource` and `${datasource}` filled in
 * inside queries and data sources. Titles and texts stay as they are.
 */
export function interpolate(node: Json, values: VariableValues): Json {
  if (Array.isArray(node)) return node.map((item) => interpolate(item, values));
  if (!isJsonObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, item]) => [
      key,
      interpolatedKeys.has(key) ? interpolateAll(item, values) : interpolate(item, values),
    ]),
  );
}

/** The variables in a text: `$name`, `${name}`, `${name:format}`, `[[name]]`. */
export function variablesIn(text: string): string[] {
  return text.match(/\$\{[^}]*\}|\$[A-Za-z_]\w*|\[\[[^\]]*\]\]/g) ?? [];
}
