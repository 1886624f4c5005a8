import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from './json.js';
import type { Dashboard } from './render.js';
import { withoutServerFields } from './server-fields.js';

/** The dashboard of the product itself, as it is written: it shows no cluster and is never public. */
export interface ProductDashboard {
  dashboard: Dashboard;
  revision: string;
}

/** A dashboard of the product, and the one that takes its place where the store has what that one shows. */
export interface OwnDashboard {
  /** Where the state store keeps what was written last. */
  readonly key: string;
  readonly plain: ProductDashboard;
  readonly recorded?: { readonly series: string; readonly dashboard: ProductDashboard };
}

/** Parses the text of its file; throws where it is not JSON or has no uid or title. */
export function parseProductDashboard(text: string): ProductDashboard {
  const json = JSON.parse(text) as Json;
  const dashboard: JsonObject = isJsonObject(json) ? withoutServerFields(json) : {};
  const { uid, title } = dashboard;
  if (typeof uid !== 'string' || typeof title !== 'string')
    throw new Error('the dashboard of the product has no uid or no title');
  const revision = createHash('sha256').update(JSON.stringify(dashboard)).digest('hex');
  return { dashboard: { ...dashboard, uid, title }, revision: revision.slice(0, 16) };
}
