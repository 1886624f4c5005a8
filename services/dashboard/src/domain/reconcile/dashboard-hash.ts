import { createHash } from 'node:crypto';
import { isJsonObject, withSortedKeys, type Json, type JsonObject } from '../templates/json.js';
import { withoutAssignedFields } from '../templates/server-fields.js';

/** The version of `dashboardHash`: to be raised with every change of what it returns. */
export const hashVersion = 1;

/** A hash of a stored dashboard without the fields that Grafana assigns with every save. */
export function dashboardHash(dashboard: JsonObject): string {
  return createHash('sha256')
    .update(JSON.stringify(withSortedKeys(withoutAssignedFields(dashboard))))
    .digest('base64url')
    .slice(0, 27);
}

/**
 * Whether a stored dashboard contains what was sent: Grafana may have added fields, but every field that
 * was sent is unchanged and no list has another length.
 */
export function contains(stored: JsonObject, sent: JsonObject): boolean {
  return containsValue(stored, withoutAssignedFields(sent));
}

function containsValue(stored: Json | undefined, sent: Json): boolean {
  if (Array.isArray(sent))
    return (
      Array.isArray(stored) &&
      stored.length === sent.length &&
      sent.every((item, n) => containsValue(stored[n], item))
    );
  if (isJsonObject(sent))
    return (
      isJsonObject(stored) &&
      Object.entries(sent).every(([key, item]) => containsValue(stored[key], item))
    );
  return stored === sent;
}
