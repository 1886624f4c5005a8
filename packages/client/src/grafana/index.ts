export { createGrafanaClient, type GrafanaOptions } from './client.js';
export type {
  DashboardJson,
  Datasource,
  GrafanaClient,
  ListedDatasource,
  NewDatasource,
  SaveDashboard,
  SavedDashboard,
  PublicDashboard,
  StoredDashboard,
} from './types.js';
