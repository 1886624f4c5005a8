import type { Auth } from './auth.js';
import type { Store } from './store.js';

/**
 * Which Grafana is spoken. `9.4` is what was recorded; `later` is about 10 to 12, read in its source:
 * public dashboards are changed by PATCH and there is one for each dashboard, titles need not be unique, numeric ids are gone.
 */
export type Dialect = '9.4' | 'later';

/** What every group of routes works with. */
export interface RouteContext {
  store: Store;
  auth: Auth;
  dialect: Dialect;
}
