export { createGrafanaClient, type GrafanaOptions } from './client.js';
export type {
  DashboardJson,
  Datasource,
  GrafanaClient,
  NewDatasource,
  SaveDashboard,
  SavedDashboard,
  Share,
  StoredDashboard,
} from './types.js';
