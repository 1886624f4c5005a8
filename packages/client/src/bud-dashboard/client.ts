import {
  errorSchema,
  grafanaDashboardAnswerSchema,
  type GrafanaDashboard,
} from '@bud-monitoring/contracts';

import type { Dapr } from '../dapr/types.js';
import { createInvocation, type CallOptions } from '../invocation.js';
import { pathSegment } from '../http/url.js';

export interface DashboardClientOptions {
  dapr: Dapr;
  /** Dapr app id of bud-dashboard. Default `bud-dashboard`. */
  appId?: string | undefined;
  /** Milliseconds one call may take. Default 15 000. */
  timeoutMs?: number | undefined;
}

/** What bud-dashboard tells other services, by Dapr invocation. Failures are `UpstreamError`s. */
export interface DashboardClient {
  /** Where the cluster's dashboards stand; `url` is the public link once `status` is `ready`. */
  getGrafanaDashboard(clusterId: string, options?: CallOptions): Promise<GrafanaDashboard>;
}

/** The client of bud-dashboard for other services. */
export function createDashboardClient(options: DashboardClientOptions): DashboardClient {
  const { dapr, appId = 'bud-dashboard', timeoutMs = 15_000 } = options;
  const upstream = 'bud-dashboard';
  const read = createInvocation({ dapr, appId, upstream, timeoutMs, errorAnswer: errorSchema });
  return {
    async getGrafanaDashboard(clusterId, { token, signal } = {}) {
      const path = `/clusters/${pathSegment(clusterId)}/grafana-dashboard`;
      const answer = grafanaDashboardAnswerSchema;
      return (await read({ path, token, answer, signal })).data;
    },
  };
}
