import { dashboardApi, type ApiClient } from '@bud-monitoring/contracts';

import { invokeApi, type ApiClientOptions } from '../api/invoke-api.js';
import type { CallOptions } from '../invocation.js';

/** App id `bud-dashboard` unless told. */
export type DashboardClientOptions = ApiClientOptions;

/** What bud-dashboard tells other services and does for them, by Dapr invocation. Failures are `UpstreamError`s. */
export type DashboardClient = ApiClient<typeof dashboardApi, CallOptions>;

/** The client of bud-dashboard for other services. */
export function createDashboardClient(options: DashboardClientOptions): DashboardClient {
  return invokeApi(dashboardApi, 'bud-dashboard', options);
}
