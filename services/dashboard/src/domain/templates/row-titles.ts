import { isJsonObject, type JsonObject } from './json.js';

/** A dashboard with the name of its cluster in place of `$cluster` in the titles of its rows. */
export function withNameInRows(dashboard: JsonObject, name: string): JsonObject {
  const { panels } = dashboard;
  if (!Array.isArray(panels)) return dashboard;
  return {
    ...dashboard,
    panels: panels.map((panel) => {
      if (!isJsonObject(panel) || panel['type'] !== 'row') return panel;
      const { title } = panel;
      return typeof title !== 'string' || !title.includes('$cluster')
        ? panel
        : { ...panel, title: title.replaceAll('$cluster', () => name) };
    }),
  };
}
