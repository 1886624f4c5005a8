export {
  createDashboardClient,
  type DashboardClient,
  type DashboardClientOptions,
} from './client.js';
export type { CallOptions } from '../invocation.js';
