import { createHash } from 'node:crypto';
import { isJsonObject, withSortedKeys, type Json, type JsonObject } from '../templates/json.js';

/** What Grafana counts up or gives out itself. */
const serverOwned = new Set(['id', 'version']);

function ours(dashboard: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(dashboard).filter(([key]) => !serverOwned.has(key)));
}

/** A hash of a stored dashboard without what Grafana changes by itself. */
export function hashOf(dashboard: JsonObject): string {
  return createHash('sha256')
    .update(JSON.stringify(withSortedKeys(ours(dashboard))))
    .digest('base64url')
    .slice(0, 27);
}

/**
 * Whether a stored dashboard is what was sent: Grafana may have added fields of its own, but all of
 * ours stand and no list has grown or shrunk.
 */
export function holds(stored: JsonObject, sent: JsonObject): boolean {
  return contains(stored, ours(sent));
}

function contains(stored: Json | undefined, sent: Json): boolean {
  if (Array.isArray(sent))
    return (
      Array.isArray(stored) &&
      stored.length === sent.length &&
      sent.every((item, n) => contains(stored[n], item))
    );
  if (isJsonObject(sent))
    return (
      isJsonObject(stored) &&
      Object.entries(sent).every(([key, item]) => contains(stored[key], item))
    );
  return stored === sent;
}
