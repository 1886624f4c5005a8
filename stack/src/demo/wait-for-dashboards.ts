import { setTimeout as sleep } from 'node:timers/promises';
import type { GrafanaDashboard } from '@bud-monitoring/contracts';
import { UpstreamError } from '@bud-monitoring/client';
import type { ServicesClient } from './api-clients.js';
import type { DemoCluster } from './scenario.js';

const POLL_MS = 300;
const TIMEOUT_MS = 60_000;

/** Polls until the cluster's dashboards are ready; the event takes a moment to arrive. */
export async function waitForDashboards(
  caller: Pick<ServicesClient, 'dashboard'>,
  { id, name }: DemoCluster,
  signal: AbortSignal,
): Promise<GrafanaDashboard> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const dashboard = await caller.dashboard(id).catch(ignoreUnknown);
    if (dashboard?.status === 'ready') return dashboard;
    const state = dashboard === null ? 'not heard of' : dashboard.status;
    const why = dashboard?.last_error === undefined ? '' : ` (${dashboard.last_error})`;
    if (performance.now() > deadline || dashboard?.status === 'failed') {
      throw new Error(`the dashboards of ${name} are ${state}${why}`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Opens a public link as its page does, without credentials; throws where it does not work. */
export async function checkPublicLink(link: string, signal: AbortSignal): Promise<void> {
  const api = link.replace('/public-dashboards/', '/api/public/dashboards/');
  const response = await fetch(api, { signal });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`a public dashboard answered ${response.status}`);
}

/** The cluster is unknown until its event has arrived. */
function ignoreUnknown(error: unknown): null {
  if (error instanceof UpstreamError && error.code === 'not_found') return null;
  throw error;
}
