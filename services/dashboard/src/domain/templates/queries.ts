import { isJsonObject, joinPath, walk, type Json, type JsonObject } from './json.js';

/** A place in a dashboard that queries a data source. */
export interface QuerySite {
  path: string;
  /** The uid of the data source, its panel's where it names none; null where neither does. */
  datasource: string | null;
  /** The PromQL; null for any other query. */
  expr: string | null;
}

const grafanaItself = new Set(['-- Grafana --', 'grafana']);

/** Grafana's built-in annotations query no data source. */
function isGrafanaOwn(annotation: JsonObject): boolean {
  return grafanaItself.has(datasourceUid(annotation['datasource']) ?? '');
}

/** The uid of a data source named as text or as `{type, uid}`; null where none is named. */
function datasourceUid(datasource: Json | undefined): string | null {
  const uid = isJsonObject(datasource) ? datasource['uid'] : datasource;
  return typeof uid === 'string' ? uid : null;
}

/**
 * Every place that queries a data source: all targets, all annotations, and any other object that has
 * an `expr`, at any depth. What is not found here would be published unchecked.
 */
export function queriesOf(dashboard: Json): QuerySite[] {
  const sites = new Map<JsonObject, QuerySite>();
  const add = (target: Json, path: string, inherited: string | null) => {
    if (!isJsonObject(target) || sites.has(target)) return;
    const { expr } = target;
    sites.set(target, {
      path,
      datasource: datasourceUid(target['datasource']) ?? inherited,
      expr: typeof expr === 'string' ? expr : null,
    });
  };
  walk(dashboard, (value, path) => {
    if (path === 'annotations.list' && Array.isArray(value))
      value.forEach((annotation, n) => {
        if (isJsonObject(annotation) && !isGrafanaOwn(annotation))
          add(annotation, joinPath(path, n), null);
      });
    if (!isJsonObject(value)) return;
    const { targets } = value;
    if (Array.isArray(targets))
      targets.forEach((target, n) =>
        add(target, joinPath(joinPath(path, 'targets'), n), datasourceUid(value['datasource'])),
      );
    if ('expr' in value) add(value, path, null);
  });
  return [...sites.values()];
}
