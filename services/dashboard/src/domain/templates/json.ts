/** A JSON value, as `JSON.parse` makes it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value with sorted keys, whose JSON is equal for equal content; the value itself where they are
 * sorted, as in Grafana's answers. A key `__proto__` is dropped; Grafana does not use it either.
 */
export function withSortedKeys<T extends Json>(node: T): T {
  return isSorted(node) ? node : (sorted(node) as T);
}

function isSorted(node: Json): boolean {
  if (Array.isArray(node)) return node.every(isSorted);
  if (!isJsonObject(node)) return true;
  let before = '';
  for (const key of Object.keys(node)) {
    if (key < before || key === '__proto__' || !isSorted(node[key] ?? null)) return false;
    before = key;
  }
  return true;
}

function sorted(node: Json): Json {
  if (Array.isArray(node)) return node.map(sorted);
  if (!isJsonObject(node)) return node;
  const copy: JsonObject = {};
  for (const key of Object.keys(node).sort()) copy[key] = sorted(node[key] ?? null);
  return copy;
}

/** `panels[3].targets[0]` and `expr` make `panels[3].targets[0].expr`. */
export function joinPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Calls `see` for every value below and including `node`, parents first. */
export function walk(
  node: Json,
  see: (value: Json, path: string, key: string | number | null) => void,
  path = '',
  key: string | number | null = null,
): void {
  see(node, path, key);
  if (Array.isArray(node)) node.forEach((item, n) => walk(item, see, joinPath(path, n), n));
  else if (isJsonObject(node))
    for (const [name, item] of Object.entries(node)) walk(item, see, joinPath(path, name), name);
}
