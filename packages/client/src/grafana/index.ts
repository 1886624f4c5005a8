export { createGrafanaClient, type GrafanaOptions } from './client.js';
export type {
  DashboardJson,
  Datasource,
  GrafanaClient,
  ListedDatasource,
  NewDatasource,
  SaveDashboard,
  SavedDashboard,
  Share,
  StoredDashboard,
} from './types.js';
