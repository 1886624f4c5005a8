import type { JsonObject } from './json.js';

/** Fields that Grafana assigns to a stored dashboard with every save. */
const assignedFields = new Set(['id', 'version']);

/** Fields that Grafana assigns, or that only a manual import needs. */
const serverFields = new Set([
  ...assignedFields,
  'iteration',
  'gnetId',
  '__inputs',
  '__requires',
  '__elements',
]);

const without = (dashboard: JsonObject, fields: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(dashboard).filter(([key]) => !fields.has(key)));

/** A dashboard without `id` and `version`, for comparing what is stored with what was sent. */
export function withoutAssignedFields(dashboard: JsonObject): JsonObject {
  return without(dashboard, assignedFields);
}

/** A dashboard without everything that a published one must not carry. */
export function withoutServerFields(dashboard: JsonObject): JsonObject {
  return without(dashboard, serverFields);
}
