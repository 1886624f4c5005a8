import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from './json.js';
import { notOurs } from './prepare.js';
import type { Dashboard } from './render.js';

/** The dashboard of the product itself, as it is written: it shows no cluster and is never public. */
export interface ProductDashboard {
  dashboard: Dashboard;
  revision: string;
}

/** Reads it from its file; throws for what has no uid and no title. */
export function makeProduct(text: string): ProductDashboard {
  const json = JSON.parse(text) as Json;
  const dashboard: JsonObject = isJsonObject(json) ? json : {};
  const { uid, title } = dashboard;
  if (typeof uid !== 'string' || typeof title !== 'string')
    throw new Error('the dashboard of the product has no uid or no title');
  for (const key of notOurs) Reflect.deleteProperty(dashboard, key);
  const revision = createHash('sha256').update(JSON.stringify(dashboard)).digest('hex');
  return { dashboard: { ...dashboard, uid, title }, revision: revision.slice(0, 16) };
}
