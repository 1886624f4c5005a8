export { createGrafanaClient, type GrafanaOptions } from './client.js';
export type {
  DashboardJson,
  Datasource,
  DatasourceSettings,
  GrafanaClient,
  InstantSample,
  ListedDatasource,
  SaveDashboard,
  SavedDashboard,
  PublicDashboard,
  StoredDashboard,
} from './types.js';
